//! A program for images under test, with every fault that a smoke run should find. The first argument is its mode. It is
//! compiled by the tests with rustc alone, as a static program.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicI32, Ordering};

unsafe extern "C" {
    fn signal(number: i32, handler: usize) -> usize;
    fn _exit(code: i32) -> !;
}

static CODE: AtomicI32 = AtomicI32::new(0);

extern "C" fn stop(_: i32) {
    unsafe { _exit(CODE.load(Ordering::SeqCst)) }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let mode = arguments.get(1).map_or("", String::as_str);
    let text = arguments.get(2).map_or("", String::as_str);
    let number = text.parse().unwrap_or(0);
    let serve = |body: &str| serve(number, "200 OK", body);
    match mode {
        "exit" => std::process::exit(number.into()),
        "abort" => std::process::abort(),
        "panic" => panic!("this is {text}"),
        "print" => {
            println!("{}", arguments[2..].join(" "));
            eprintln!("done");
        }
        "env" => println!("{}", std::env::var(text).unwrap_or_else(|_| "unset".into())),
        "sleep" => std::thread::sleep(std::time::Duration::from_secs(600)),
        "flood" => {
            let line = "x".repeat(4095);
            for _ in 0..number as usize * 256 {
                println!("{line}");
            }
        }
        "memory" => {
            let mut all: Vec<Vec<u8>> = Vec::new();
            for _ in 0..number {
                all.push(vec![1; 1 << 20]);
            }
            println!("{} MiB", all.len());
        }
        "threads" => {
            for count in 0..number {
                let wait = || std::thread::sleep(std::time::Duration::from_secs(600));
                if let Err(error) = std::thread::Builder::new().stack_size(64 << 10).spawn(wait) {
                    println!("{count}: {error}");
                    std::process::exit(3);
                }
            }
        }
        "write" => match std::fs::write(text, "x") {
            Ok(()) => println!("written"),
            Err(error) => {
                println!("{error}");
                std::process::exit(4);
            }
        },
        "read" => println!("{}", std::fs::read_to_string(text).map_err(|error| error.to_string()).unwrap_or_else(|it| it)),
        "list" => {
            let mut names: Vec<_> =
                std::fs::read_dir(text).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            println!("{}", names.join(" "));
        }
        "serve" => {
            handle_stop(0);
            serve(r#"{"status":"ok","components":[{"name":"db"}]}"#);
        }
        "serve-then-exit" => {
            handle_stop(7);
            serve(r#"{"status":"ok"}"#);
        }
        "wrong-body" => {
            handle_stop(0);
            serve("<!doctype html><title>hello</title>");
        }
        "deaf" => serve(r#"{"status":"ok"}"#),
        "unwell" => {
            handle_stop(0);
            self::serve(number, "503 Service Unavailable", "starting");
        }
        "moved" => {
            handle_stop(0);
            self::serve(number, "302 Found\r\nLocation: /elsewhere", "");
        }
        "dies" => std::process::exit(9),
        "quiet" => {
            handle_stop(0);
            println!("not listening");
            std::thread::sleep(std::time::Duration::from_secs(600));
        }
        "panics-in-a-thread" => {
            handle_stop(0);
            let _ = std::thread::spawn(|| panic!("in a worker")).join();
            serve(r#"{"status":"ok"}"#);
        }
        "healthcheck" => {
            let answers = std::net::TcpStream::connect(("127.0.0.1", number)).is_ok();
            println!("{}", if answers { "well" } else { "nobody listens" });
            std::process::exit(i32::from(!answers));
        }
        _ => std::process::exit(64),
    }
}

fn handle_stop(code: i32) {
    CODE.store(code, Ordering::SeqCst);
    unsafe { signal(15, stop as extern "C" fn(i32) as usize) };
}

fn serve(port: u16, status: &str, body: &str) {
    let listener = TcpListener::bind(("0.0.0.0", port)).unwrap();
    println!("listening on {port}");
    for connection in listener.incoming() {
        let Ok(mut connection) = connection else { continue };
        let mut request = [0; 4096];
        let _ = connection.read(&mut request);
        let _ = write!(
            connection,
            "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
    }
}
