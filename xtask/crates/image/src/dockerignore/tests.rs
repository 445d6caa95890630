use proptest::prelude::*;

use super::*;

fn ignores(patterns: &str, path: &str) -> bool {
    DockerIgnore::parse(patterns).unwrap().is_ignored(path)
}

/// Pattern, path, and whether it is ignored: what the tests of moby's patternmatcher have.
const VECTORS: [(&str, &str, bool); 95] = [
    ("*", "fileutils.go", true),
    ("*.go", "fileutils.go", true),
    ("!fileutils.go\n*.go", "fileutils.go", true),
    ("docs\n!docs/README.md", "docs/README.md", false),
    ("docs/\n!docs/README.md", "docs/README.md", false),
    ("docs/*\n!docs/README.md", "docs/README.md", false),
    ("*.go\n!fileutils.go", "fileutils.go", false),
    ("", "any/path/there", false),
    ("**", "file", true),
    ("**/", "file", true),
    ("**", "dir/file", true),
    ("**/", "dir/file", true),
    ("**/**", "dir/file", true),
    ("dir/**", "dir/file", true),
    ("dir/**", "dir/dir2/file", true),
    ("**/dir", "dir", true),
    ("**/dir", "dir/file", true),
    ("**/dir2/*", "dir/dir2/file", true),
    ("**/dir2/**", "dir/dir2/dir3/file", true),
    ("**file", "file", true),
    ("**file", "dir/file", true),
    ("**/file", "dir/file", true),
    ("**file", "dir/dir/file", true),
    ("**/file", "dir/dir/file", true),
    ("**/file*", "dir/dir/file", true),
    ("**/file*", "dir/dir/file.txt", true),
    ("**/file*txt", "dir/dir/file.txt", true),
    ("**/file*.txt", "dir/dir/file.txt", true),
    ("**/file*.txt*", "dir/dir/file.txt", true),
    ("**/**/*.txt", "dir/dir/file.txt", true),
    ("**/**/*.txt2", "dir/dir/file.txt", false),
    ("**/*.txt", "file.txt", true),
    ("**/**/*.txt", "file.txt", true),
    ("a**/*.txt", "a/file.txt", true),
    ("a**/*.txt", "a/dir/file.txt", true),
    ("a**/*.txt", "a/dir/dir/file.txt", true),
    ("a/*.txt", "a/dir/file.txt", false),
    ("a/*.txt", "a/file.txt", true),
    ("a/*.txt**", "a/file.txt", true),
    ("a[b-d]e", "ae", false),
    ("a[b-d]e", "ace", true),
    ("a[b-d]e", "aae", false),
    ("a[^b-d]e", "aze", true),
    (".*", ".foo", true),
    (".*", "foo", false),
    ("abc.def", "abcdef", false),
    ("abc.def", "abc.def", true),
    ("abc.def", "abcZdef", false),
    ("abc?def", "abcZdef", true),
    ("abc?def", "abcdef", false),
    ("**/foo/bar", "foo/bar", true),
    ("**/foo/bar", "dir/foo/bar", true),
    ("**/foo/bar", "dir/dir2/foo/bar", true),
    ("abc/**", "abc", false),
    ("abc/**", "abc/def", true),
    ("abc/**", "abc/def/ghi", true),
    ("**/.foo", ".foo", true),
    ("**/.foo", "bar.foo", false),
    ("a(b)c/def", "a(b)c/def", true),
    ("a(b)c/def", "a(b)c/xyz", false),
    ("a.|)$(}+{bc", "a.|)$(}+{bc", true),
    ("dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true),
    ("**\n!util/docker/web", "util/docker/web/foo", false),
    ("**\n!util/docker/web\nutil/docker/web/foo", "util/docker/web/foo", true),
    ("**\n!dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", false),
    ("a\\\\", "a\\", true),
    ("a\\*b", "a*b", true),
    ("a\\*b", "ab", false),
    ("a*", "ab/c", true),
    ("a*/b", "abc/b", true),
    ("a*/b", "a/c/b", false),
    ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
    ("a*b*c*d*e*/f", "axbxcxdxexxx/f", true),
    ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
    ("a*b?c*x", "abxbbxdbxebxczzx", true),
    ("a*b?c*x", "abxbbxdbxebxczzy", false),
    ("ab[e-g]", "abc", false),
    ("ab[^c]", "abc", false),
    ("ab[^e-g]", "abc", true),
    ("a?b", "a☺b", true),
    ("a[^a]b", "a☺b", true),
    ("a???b", "a☺b", false),
    ("[a-ζ]*", "α", true),
    ("*[a-ζ]", "A", false),
    ("a?b", "a/b", false),
    ("a*b", "a/b", false),
    ("[\\]a]", "]", true),
    ("[\\-]", "-", true),
    ("[x\\-]", "x", true),
    ("[x\\-]", "-", true),
    ("[x\\-]", "z", false),
    ("[\\-x]", "a", false),
    ("*x", "xxx", true),
    // These are ours.
    ("**.log", "deep/error.log", true),
    ("a**b", "axb", false),
];

#[test]
fn patterns_mean_what_they_mean_to_engines() {
    for (patterns, path, expected) in VECTORS {
        assert_eq!(ignores(patterns, path), expected, "{patterns:?} {path:?}");
    }
}

#[test]
fn lines_are_read_as_engines_read_them() {
    let text = "\u{feff}# comment\n\n  spaced  \n/rooted\n./dotted/\na//b/../c\n #no-comment\n! kept \nkept2\n!kept2\n";
    let rules = DockerIgnore::parse(text).unwrap();
    for path in ["spaced", "rooted", "dotted", "a/c", "#no-comment", "rooted/below"] {
        assert!(rules.is_ignored(path), "{path}");
    }
    for path in ["comment", "# comment", "kept", "kept2", "a/b", "deep/rooted", "deep/spaced"] {
        assert!(!rules.is_ignored(path), "{path}");
    }
}

#[test]
fn what_means_nothing_is_refused_with_its_line() {
    for pattern in
        ["!", "[]a]", "[-]", "[x-]", "[-x]", "\\", "[a-b-c]", "[", "[^", "[^bc", "a[", "[z-a]", "[a\\"]
    {
        let error = DockerIgnore::parse(&format!("fine\n{pattern}\n")).unwrap_err();
        assert_eq!((error.line, error.pattern.as_str()), (2, pattern));
        assert!(error.to_string().starts_with(&format!("line 2: `{pattern}` ")), "{error}");
    }
}

#[test]
fn folders_without_exceptions_need_not_be_searched() {
    let rules = DockerIgnore::parse("**\n!src/**/*.rs\n!README.md\n!docs/a/b.md\n").unwrap();
    for folder in ["src", "src/deep", "docs", "docs/a"] {
        assert!(rules.may_except_below(folder), "{folder}");
    }
    for folder in ["target", "target/src", "docs/b", "docs/a/b.md", "README.md"] {
        assert!(!rules.may_except_below(folder), "{folder}");
    }
    assert!(DockerIgnore::parse("**\n!**/*.rs").unwrap().may_except_below("target"));
    assert!(!DockerIgnore::parse("target").unwrap().may_except_below("target"));
}

#[test]
fn paths_are_made_clean() {
    for (path, expected) in [
        ("a/c", "a/c"),
        ("a//b/./../c/", "a/c"),
        ("/../a", "/a"),
        ("../a", "../a"),
        ("a/../../b", "../b"),
        ("a/..", "."),
        ("/", "/"),
    ] {
        assert_eq!(clean(path), expected);
    }
}

/// A pattern read by recursion, one character of the path at a time: slow, and hard to get wrong.
fn slowly(pattern: &[char], path: &[char]) -> bool {
    match pattern {
        [] => path.is_empty(),
        ['*', '*'] | ['*', '*', '/'] => true,
        ['*', '*', rest @ ..] => {
            let rest = rest.strip_prefix(&['/']).unwrap_or(rest);
            let behind = |index: usize| index == 0 || path[index - 1] == '/';
            (0..=path.len()).any(|index| behind(index) && slowly(rest, &path[index..]))
        }
        ['*', rest @ ..] => {
            let name = path.iter().take_while(|it| **it != '/').count();
            (0..=name).any(|index| slowly(rest, &path[index..]))
        }
        ['?', rest @ ..] => path.first().is_some_and(|it| *it != '/') && slowly(rest, &path[1..]),
        [plain, rest @ ..] => path.first() == Some(plain) && slowly(rest, &path[1..]),
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in ".{0,40}", path in "[a-c/.☺]{0,10}") {
        if let Ok(rules) = DockerIgnore::parse(&text) {
            let _ = (rules.is_ignored(&path), rules.may_except_below(&path));
        }
    }

    /// Patterns that begin with `**` and have no other wildcard also fit the end of a name; they are left out here.
    #[test]
    fn the_quick_way_is_the_slow_way(pattern in "[ab](/?[ab*?]){0,5}", path in "[ab](/?[ab]){0,7}") {
        let clean = clean(&pattern);
        let characters: Vec<char> = clean.chars().collect();
        let slow = upwards(&path).any(|path| slowly(&characters, &path.chars().collect::<Vec<_>>()));
        prop_assert_eq!(ignores(&pattern, &path), slow, "{}", clean);
    }

    #[test]
    fn nothing_is_kept_below_a_folder_that_need_not_be_searched(
        exception in "[ab](/?[ab*?]){0,5}",
        folder in "[ab](/?[ab]){0,3}",
        below in "[ab](/?[ab]){0,3}",
    ) {
        let rules = DockerIgnore::parse(&format!("**\n!{exception}\n{folder}\n!{exception}")).unwrap();
        if rules.is_ignored(&folder) && !rules.may_except_below(&folder) {
            let path = format!("{folder}/{below}");
            prop_assert!(rules.is_ignored(&path), "{}", path);
        }
    }
}
