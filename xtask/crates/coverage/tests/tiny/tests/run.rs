#[test]
fn it_runs_twice() {
    for _ in 0..2 {
        assert!(std::process::Command::new(env!("CARGO_BIN_EXE_tiny")).status().unwrap().success());
    }
}
