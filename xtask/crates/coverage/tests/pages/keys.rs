//! What keys do, pressed in a browser.

use std::fs;

use crate::browser::Browser;
use crate::support::program_pages;

#[test]
fn keys_lead_from_one_uncovered_place_to_the_next() {
    let Some(mut browser) = Browser::start() else {
        assert!(std::env::var_os("CI").is_none(), "CI needs chromium for the keys of the coverage pages");
        println!("skipped: chromium is not installed");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for (name, page) in program_pages() {
        fs::write(folder.path().join(name), page).unwrap();
    }

    browser.open(&folder.path().join("src--engine--partial.rs.html"));
    let mut visited = Vec::new();
    for key in ["n", "j", "n", "n", "P", "p", "N", "k", "p", "p"] {
        browser.press(key);
        visited
            .push(browser.value("location.hash + ' ' + document.querySelector('.walk output').textContent"));
    }
    assert_eq!(
        visited,
        [
            "#L10 1 of 3",
            "#L30 2 of 3",
            "#L150 3 of 3",
            "#L150 3 of 3",
            "#L10 1 of 3",
            "#L10 1 of 3",
            "#L150 3 of 3",
            "#L30 2 of 3",
            "#L10 1 of 3",
            "#L10 1 of 3"
        ]
    );
    assert_eq!(browser.value("document.activeElement.closest('span').id"), "L10", "the focus goes along");
    let in_view = "(({top, bottom}) => top > 0 && bottom < innerHeight)(document.activeElement.getBoundingClientRect())";
    assert_eq!(browser.value(in_view), true);

    browser.value("document.querySelector('.map a:last-child').dispatchEvent(new MouseEvent('click'))");
    browser.press("p");
    assert_eq!(browser.value("location.hash"), "#L30", "on from where the map led");

    let page = "decodeURIComponent(location.pathname.split('/').pop())";
    browser.press("]");
    browser.wait_for_page();
    assert_eq!(browser.value(page), "src--engine--uncovered.rs.html");
    browser.press("[");
    browser.wait_for_page();
    assert_eq!(browser.value(page), "src--engine--partial.rs.html");

    browser.press("?");
    assert_eq!(browser.value("document.querySelector('dialog').open"), true);
    browser.press("]");
    assert_eq!(
        browser.value("document.querySelector('dialog').open"),
        true,
        "keys rest while the keys are shown"
    );
    browser.press("Escape");
    assert_eq!(browser.value("document.querySelector('dialog').open"), false);

    browser.press("u");
    browser.wait_for_page();
    assert_eq!(browser.value(page), "index.html");
    assert_eq!(browser.value("document.activeElement.textContent"), "partial.rs", "back at its row");
    index_keys(&mut browser);
}

/// On the index: search, sort, flat list, folders.
fn index_keys(browser: &mut Browser) {
    let shown = "[...document.querySelectorAll('#files tbody tr')].filter((row) => row.checkVisibility())\
                 .map((row) => row.cells[0].textContent).join(' ')";
    browser.press("/");
    browser.type_text("eng UNC");
    assert_eq!(browser.value(shown), "src/ engine/ uncovered.rs");
    assert_eq!(browser.value("document.querySelector('.tools output').textContent"), "1 found");
    browser.value("const search = document.getElementById('search'); search.select()");
    browser.type_text("partial");
    browser.press("Escape");
    browser.press("t");
    assert_eq!(browser.value(shown), "src/engine/partial.rs");
    browser.press("t");
    browser.press("j");
    assert_eq!(browser.value("document.activeElement.textContent"), "src/");
    browser.press("n");
    assert_eq!(browser.value("document.activeElement.textContent"), "partial.rs");

    browser.value("search.value = ''; search.dispatchEvent(new Event('input'))");
    browser.value("[...document.querySelectorAll('thead button')].find((button) => button.textContent === 'Missed').click()");
    assert_eq!(browser.value("document.querySelector('[aria-sort]').textContent"), "Missed");
    let missed = "[...document.querySelectorAll('#files tbody tr.d0')].map((row) => row.cells[2].textContent).join(' ')";
    assert_eq!(browser.value(missed), "7 1 –", "most first, and last what was not measured");

    let folder =
        "[...document.querySelectorAll('tbody button')].find((button) => button.textContent === 'src/')";
    browser.value(&format!("{folder}.focus()"));
    browser.press("Enter");
    assert_eq!(browser.value(&format!("{folder}.getAttribute('aria-expanded')")), "false");
    assert_eq!(browser.value(shown), "src/ /rustc/\"quoted\" & 'odd'/ lib.rs empty.rs");

    browser.press("n");
    browser.press("Enter");
    browser.wait_for_page();
    assert_eq!(browser.value("document.querySelector('h1').textContent"), "/rustc/\"quoted\" & 'odd'/lib.rs");
}
