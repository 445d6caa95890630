//! The port of a service: the sandbox shares the network of this machine, so that it has to be free here.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};

use crate::tools::runtime::RuntimeError;

/// Below this the kernel lets root alone listen; it says so in a file, and this is what it starts with.
const PRIVILEGED: u16 = 1024;

/// A service without capabilities could listen on this port.
pub(super) fn check(port: u16) -> Result<(), RuntimeError> {
    let told = std::fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    let first = told.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(PRIVILEGED);
    if port < first {
        return Err(RuntimeError::of_machine(format!(
            "port {port} is for root alone: it is below {first}, and the process sandbox shares the network of this \
             machine"
        ))
        .hint("let the service listen on a higher port, or start a container engine"));
    }
    match TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)) {
        Err(error) if error.kind() == ErrorKind::AddrInUse => Err(RuntimeError::of_machine(format!(
            "port {port} is taken by another program, and the process sandbox shares the network of this machine"
        ))
        .hint(format!("stop what listens there (`ss -ltnp 'sport = :{port}'`), or start a container engine"))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let error = check(port).unwrap_err();
        assert!(error.message.starts_with(&format!("port {port} is taken")), "{error}");
        drop(taken);
        assert_eq!(check(port), Ok(()));
    }
}
