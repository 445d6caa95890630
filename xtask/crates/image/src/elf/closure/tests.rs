use std::path::Path;

use object::elf as tags;

use super::super::Host;
use super::super::fixture::Fixture;
use super::*;

const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

fn put(root: &Path, path: &str, bytes: &[u8]) {
    let path = root.join(path.trim_start_matches('/'));
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn closure(root: &Path, path: &str) -> Closure {
    let host = Host::at(root);
    Closure::of(&host, path, &host.elf(path).unwrap())
}

fn paths(closure: &Closure) -> Vec<&str> {
    closure.libraries.iter().map(|library| library.path.as_str()).collect()
}

#[test]
fn libraries_are_found_where_a_loader_finds_them() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, LOADER, &Fixture::library("ld-linux-x86-64.so.2").bytes());
    let program = Fixture::program(LOADER)
        .needs("libown.so.1", &[])
        .needs("libc.so.6", &[])
        .needs("liblocal.so", &[])
        .entry(tags::DT_RUNPATH, "$ORIGIN/../lib:/nowhere");
    put(root, "/opt/bin/app", &program.bytes());
    put(root, "/opt/lib/libown.so.1", &Fixture::library("libown.so.1").needs("libdeep.so", &[]).bytes());
    // RUNPATH is not handed down: this one is found in a default folder only.
    put(root, "/opt/lib/libdeep.so", &Fixture::library("libdeep.so").bytes());
    put(root, "/usr/lib/libdeep.so", &Fixture::library("libdeep.so").bytes());
    let libc = Fixture::library("libc.so.6").offers(&["GLIBC_2.34"]).bytes();
    put(root, "/lib/x86_64-linux-gnu/libc.so.6", &libc);
    put(root, "/etc/ld.so.conf", b"# comment\ninclude ld.so.conf.d/*.conf\n");
    put(root, "/etc/ld.so.conf.d/a.conf", b"/usr/local/lib # mine\n");
    put(root, "/etc/ld.so.cache", b"");
    put(root, "/usr/local/lib/liblocal.so", &Fixture::library("liblocal.so").bytes());

    let found = closure(root, "/opt/bin/app");
    assert_eq!(found.interpreter.as_deref(), Some(LOADER));
    let expected = [
        "/opt/bin/../lib/libown.so.1",
        "/lib/x86_64-linux-gnu/libc.so.6",
        "/usr/local/lib/liblocal.so",
        "/usr/lib/libdeep.so",
    ];
    assert_eq!(paths(&found), expected);
    assert!(found.missing.is_empty());

    std::fs::remove_file(root.join("etc/ld.so.cache")).unwrap();
    let found = closure(root, "/opt/bin/app");
    let missing = Missing { name: "liblocal.so".to_owned(), needed_by: "/opt/bin/app".to_owned() };
    assert_eq!(found.missing, [missing], "without the cache the configured folders do not count");
}

#[test]
fn rpath_is_handed_down_and_other_machines_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let program = Fixture::program(LOADER).needs("liba.so", &[]).entry(tags::DT_RPATH, "${ORIGIN}");
    put(root, "/srv/app", &program.bytes());
    put(root, "/srv/liba.so", &Fixture::library("liba.so").needs("libb.so", &[]).bytes());
    put(root, "/srv/libb.so", &Fixture::library("libb.so").machine(tags::EM_AARCH64).bytes());
    put(root, "/usr/lib/libb.so", &Fixture::library("libb.so").bytes());
    let found = closure(root, "/srv/app");
    assert_eq!(paths(&found), ["/srv/liba.so", "/usr/lib/libb.so"]);
    assert_eq!(found.missing, [Missing { name: LOADER.to_owned(), needed_by: "/srv/app".to_owned() }]);
}

#[test]
fn an_old_glibc_gets_its_name_services() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "/app", &Fixture::program(LOADER).needs("libc.so.6", &[]).bytes());
    put(root, "/lib64/libnss_dns.so.2", &Fixture::library("libnss_dns.so.2").bytes());
    put(root, "/lib64/libc.so.6", &Fixture::library("libc.so.6").offers(&["GLIBC_2.31"]).bytes());
    assert_eq!(paths(&closure(root, "/app")), ["/lib64/libc.so.6", "/lib64/libnss_dns.so.2"]);
    put(
        root,
        "/lib64/libc.so.6",
        &Fixture::library("libc.so.6").offers(&["GLIBC_2.31", "GLIBC_2.34"]).bytes(),
    );
    assert_eq!(paths(&closure(root, "/app")), ["/lib64/libc.so.6"]);
}

#[test]
fn musl_is_its_own_c_library() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let loader = "/lib/ld-musl-x86_64.so.1";
    put(root, loader, &Fixture::library("libc.so").bytes());
    let program = Fixture::program(loader).needs("libc.musl-x86_64.so.1", &[]).needs("libz.so.1", &[]);
    put(root, "/app", &program.bytes());
    put(root, "/usr/lib/libz.so.1", &Fixture::library("libz.so.1").needs("libm.so", &[]).bytes());
    let found = closure(root, "/app");
    assert_eq!((paths(&found), found.missing.len()), (vec!["/usr/lib/libz.so.1"], 0));
    put(root, "/etc/ld-musl-x86_64.path", b"/lib\n");
    assert_eq!(closure(root, "/app").missing.len(), 1, "its own list of folders replaces the usual ones");
}

#[test]
fn libraries_that_need_each_other_end() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, LOADER, &Fixture::library("ld").bytes());
    put(root, "/app", &Fixture::program(LOADER).needs("liba.so", &[]).bytes());
    put(root, "/lib/liba.so", &Fixture::library("liba.so").needs("libb.so", &[]).bytes());
    put(root, "/lib/libb.so", &Fixture::library("libb.so").needs("liba.so", &[]).bytes());
    assert_eq!(paths(&closure(root, "/app")), ["/lib/liba.so", "/lib/libb.so"]);
}

#[test]
#[cfg(target_os = "linux")]
fn this_test_has_all_that_it_needs() {
    let path = std::env::current_exe().unwrap();
    let path = path.to_str().unwrap();
    let found = Closure::of(&Host::new(), path, &Host::new().elf(path).unwrap());
    assert_eq!(found.missing, []);
    assert_eq!(found.interpreter.is_some(), found.library("libc.so.6").is_some());
}
