"use strict";
// `sf flsgate …` is `flsgate …`. One command for all of them, so that it knows none of their names and options. It is no
// subclass of oclif's Command, whose parser would read the arguments, too: oclif asks a command only for `run` and these texts.

module.exports = class Flsgate {
  static summary = "Judge which new access to classified fields a change would give.";

  static description = `All arguments go to flsgate as they are, and the exit status is its own: 0 passed, 1 blocked, 2 could \
not be judged.

The Salesforce CLI keeps --help and -h for itself. "sf flsgate help" lists the commands of flsgate, and "sf flsgate help \
check" is the help of one.`;

  static usage = "flsgate COMMAND [ARGUMENTS]";

  static examples = [
    "<%= config.bin %> flsgate check",
    "<%= config.bin %> flsgate check --base origin/main --head HEAD",
    "<%= config.bin %> flsgate explain Contact.SSN__c",
    "<%= config.bin %> flsgate help",
  ];

  static strict = false;

  static async run(argv) {
    // Not before it is asked for: sf loads the commands of all plugins.
    process.exitCode = await require("flsgate").run(argv);
  }
};
