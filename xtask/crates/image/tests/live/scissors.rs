//! A wire to a registry that is cut after so many bytes of one direction; later connections are whole.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;

/// Which direction is cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Up,
    Down,
}

/// The host to use instead of the registry. All connections together may carry so many bytes in that direction until one of
/// them is cut.
pub(crate) fn wire(registry: &str, way: Way, bytes: i64) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let registry = registry.to_owned();
    let left = Arc::new(AtomicI64::new(bytes));
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let server = TcpStream::connect(&registry).unwrap();
            carry(&client, &server, (way == Way::Up).then(|| Arc::clone(&left)));
            carry(&server, &client, (way == Way::Down).then(|| Arc::clone(&left)));
        }
    });
    host
}

fn carry(from: &TcpStream, to: &TcpStream, left: Option<Arc<AtomicI64>>) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    thread::spawn(move || {
        let mut buffer = [0; 16 << 10];
        while let Ok(read) = from.read(&mut buffer) {
            if read == 0 || to.write_all(&buffer[..read]).is_err() {
                break;
            }
            let size = i64::try_from(read).unwrap();
            let before = left.as_ref().map_or(i64::MIN, |left| left.fetch_sub(size, Ordering::SeqCst));
            if before > 0 && before <= size {
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    });
}
