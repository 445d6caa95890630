use proptest::prelude::*;

use crate::settings::Flag;
use crate::settings::load::tests::{loaded, try_load};

#[test]
fn each_line_has_its_origin() {
    let file = "[reports]\nfolder = \"out\"\n\n[[steps]]\nrun = \"true\"\nname = \"a\"\n";
    let flag = Flag { key: "mode".to_owned(), value: "report-only".into(), name: "--report-only".to_owned() };
    let shown = try_load(file, &[("SLIPWAY_TEST_RETRIES", "2")], &[flag]).unwrap().show();
    for line in [
        "mode = \"report-only\"                 # --report-only",
        "[reports]",
        "folder = \"out\"                       # slipway.toml:2",
        "retries = 2                          # SLIPWAY_TEST_RETRIES",
        "runner = \"auto\"                      # default",
    ] {
        assert!(shown.lines().any(|shown| shown == line), "{line} is not in\n{shown}");
    }
    let step = "\n[[steps]]\nname = \"a\"                           # slipway.toml:6\nrun = \"true\"                         # slipway.toml:5\n";
    assert!(shown.ends_with(step), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_shown_loads_as_the_same_settings(
        texts in prop::collection::vec("\\PC*|(?s).{0,9}", 3),
        retries in any::<u16>(),
    ) {
        let value = |text: &str| toml::Value::from(text).to_string();
        let file = format!(
            "test.retries = {retries}\ncargo.features = [{}]\n[[steps]]\nname = 'a'\nrun = 'true'\ntitle = {}\nenv.A = {}",
            value(&texts[0]), value(&texts[1]), value(&texts[2]),
        );
        let first = loaded(&file);
        let second = loaded(&first.show());
        prop_assert_eq!(first.digest(), second.digest());
        prop_assert_eq!(first.settings, second.settings);
    }
}
