"use strict";
// Runs the binary that npm installed for this platform as if it had been called itself: the same arguments and streams,
// its exit status, and signals both ways.

const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { optionalDependencies, version } = require("./package.json");

/** What a run ends with that judges nothing: never a pass. */
const UNDECIDED = 2;

/** Path of the binary. Throws what to do where there is none. */
function binary() {
  const platform = `${process.platform}-${process.arch}`;
  const name = `@flsgate/${platform}`;
  if (!Object.hasOwn(optionalDependencies, name)) {
    const known = Object.keys(optionalDependencies).map((other) => other.split("/")[1]);
    throw new Error(`There is no binary for ${platform}, only for ${known.join(", ")}. Build it from source with cargo.`);
  }
  try {
    return require.resolve(`${name}/flsgate${process.platform === "win32" ? ".exe" : ""}`);
  } catch {
    throw new Error(
      `The package ${name}, which has the binary, is not installed. It is an optional dependency of flsgate: install ` +
        "without --omit=optional, and not with a node_modules or a lock file that another system wrote. Or name it " +
        `yourself: npm install --save-dev ${name}@${version}`,
    );
  }
}

/** Runs flsgate with arguments. The promise is its exit status. */
function run(args) {
  return new Promise((resolve) => {
    const refuse = (error) => {
      console.error(`flsgate: ${error.message}`);
      resolve(UNDECIDED);
    };
    let path;
    try {
      path = binary();
    } catch (error) {
      return refuse(error);
    }
    const child = spawn(path, args, { stdio: "inherit" });
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    const forward = (signal) => child.kill(signal);
    signals.forEach((signal) => process.on(signal, forward));
    child.on("error", refuse);
    child.on("exit", (status, signal) => {
      signals.forEach((one) => process.off(one, forward));
      // Whoever waits for this process sees how the binary ended.
      if (signal) process.kill(process.pid, signal);
      resolve(status ?? 128 + constants.signals[signal]);
    });
  });
}

module.exports = { run };
