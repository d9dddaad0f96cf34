//! A server of one's own: behind a proxy, below a folder, with a certificate that nobody knows.

use crate::project::Project;
use crate::server::{BOT, SUBFOLDER, TOKEN};
use std::io::{BufRead, BufReader, Write, copy};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

const HOST: &str = "ghes.example";

/// A proxy that leads every name to `port`; what it was asked for.
fn proxy(port: u16) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let shared = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, shared) = (stream.unwrap(), Arc::clone(&shared));
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head).unwrap_or(0) > 0 {}
                shared.lock().unwrap().push(head.clone());
                let mut target = TcpStream::connect(("127.0.0.1", port)).unwrap();
                stream.write_all(b"HTTP/1.1 200 ok\r\n\r\n").unwrap();
                let mut back = (target.try_clone().unwrap(), stream.try_clone().unwrap());
                std::thread::spawn(move || copy(&mut back.0, &mut back.1));
                let _ = copy(&mut reader, &mut target);
            });
        }
    });
    (format!("http://me:pass-of-proxy@{address}"), asked)
}

fn run(project: &Project, more: &[(&str, &str)]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flsgate"));
    command.arg("action").env_clear().envs(&project.env).envs(more.iter().copied());
    let output = command.current_dir(&project.root).output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains(TOKEN) && !text.contains("pass-of-proxy"), "{text}");
    (output.status.code(), text)
}

#[test]
fn a_server_below_a_folder_behind_a_proxy_with_a_certificate_of_its_own() {
    let mut project = Project::awaiting(1, None);
    project.permit("lead", "admin");
    project.review("lead", 303, "COMMENTED", &project.head);
    project.review("lead", 303, "APPROVED", &project.head);
    project.server.state().page_size = 1;
    let (port, certificate) = project.server.by_tls(HOST);
    let (proxy, asked) = proxy(port);
    project.set("GITHUB_API_URL", &format!("https://{HOST}{SUBFOLDER}"));
    project.set("GITHUB_GRAPHQL_URL", &format!("https://{HOST}/api/graphql"));
    project.set("HTTPS_PROXY", &proxy);

    let (status, text) = run(&project, &[]);
    assert_eq!(status, Some(2), "nobody knows the certificate: {text}");
    assert!(
        text.contains("the certificate of the server is not trusted") && text.contains("input `ca-file`"),
        "{text}"
    );

    std::fs::write(project.root.join("ca.pem"), certificate).unwrap();
    let file = project.root.join("ca.pem").display().to_string();
    let (status, text) = run(&project, &[("INPUT_CA-FILE", &file)]);
    assert_eq!(status, Some(0), "{text}");
    let asked = asked.lock().unwrap();
    assert!(asked.iter().all(|a| a.starts_with(&format!("CONNECT {HOST}:443 "))), "{asked:?}");
    assert!(asked.iter().all(|a| a.to_lowercase().contains("proxy-authorization: basic ")), "{asked:?}");
    let state = project.server.state();
    assert_eq!(state.complaints, [""; 0]);
    assert!(state.page_comments.iter().all(|c| c["user"]["login"] == BOT));
    // The second page came by the server's own address.
    assert!(
        state.requests.iter().any(|r| r.contains("/pulls/42/reviews?per_page=100&page=2")),
        "{:?}",
        state.requests
    );
}

#[test]
fn a_file_without_certificates_is_refused() {
    let mut project = Project::opening(1);
    for text in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        std::fs::write(project.root.join("ca.pem"), text).unwrap();
        let file = project.root.join("ca.pem").display().to_string();
        project.set("INPUT_CA-FILE", &file);
        let (status, log) = run(&project, &[]);
        assert_eq!(status, Some(2), "{text}");
        assert!(log.contains("input `ca-file` holds no certificate in PEM"), "{log}");
    }
}

#[test]
fn a_server_that_is_not_there() {
    let mut project = Project::opening(1);
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    project.set("GITHUB_API_URL", &format!("http://{nobody}"));
    let run = project.run();
    assert_eq!(run.outcome, flsgate::gate::Outcome::Blocked, "the finding needs no server");
    assert!(
        run.log.contains(
            "::warning title=flsgate::Could not read the pull request: the server cannot be reached"
        ),
        "{}",
        run.log
    );
    assert!(!run.log.contains("eqwest") && !run.log.contains("hyper"), "no library speaks: {}", run.log);
}
