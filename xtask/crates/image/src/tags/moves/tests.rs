use super::*;

fn named(tag: &str, follows: Follows) -> Named {
    Named { tag: tag.parse().unwrap(), follows, reason: String::new() }
}

fn image(reference: &str, revision: &str, release: &str) -> Provenance {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let committed = None;
    Provenance {
        reference: some(reference),
        revision: some(revision),
        committed,
        release: release.parse().ok(),
    }
}

fn release(version: &str) -> Provenance {
    image(&format!("refs/tags/v{version}"), version, version)
}

fn told(tag: &str, follows: Follows, theirs: &Provenance, ours: &Provenance) -> Result<Move, String> {
    may_move(&named(tag, follows), Some(theirs), ours).map_err(|refusal| refusal.to_string())
}

#[test]
fn a_tag_that_nobody_has_is_free() {
    for follows in [Follows::Reference, Follows::Version, Follows::Latest, Follows::Commit, Follows::Settings]
    {
        assert_eq!(may_move(&named("a", follows), None, &Provenance::default()), Ok(Move::New));
    }
}

#[test]
fn a_reference_keeps_its_tag() {
    let (one, other) = (image("refs/heads/feature/x", "a", ""), image("refs/heads/feature-x", "b", ""));
    let tag = |theirs: &Provenance, ours: &Provenance| told("feature-x", Follows::Reference, theirs, ours);
    assert_eq!(tag(&one, &one), Ok(Move::Onward));
    assert_eq!(tag(&Provenance::default(), &one), Ok(Move::Unlabelled));
    assert_eq!(
        tag(&one, &other).unwrap_err(),
        "the tag `feature-x` names an image of `refs/heads/feature/x`, and this one is of `refs/heads/feature-x`"
    );
    let refusal = may_move(&named("feature-x", Follows::Reference), Some(&one), &other).unwrap_err();
    assert!(!refusal.is_benign());
    assert_eq!(
        refusal.hint(),
        "rename one of both, give the rule a `prefix` of its own, or delete the tag `feature-x` from the registry if \
         the other one is gone"
    );
}

#[test]
fn a_branch_does_not_go_back_to_an_older_commit() {
    let at = |reference: &str, revision: &str, second: i64| Provenance {
        committed: DateTime::from_timestamp(second, 0),
        ..image(reference, revision, "")
    };
    let (older, newer) = (at("refs/heads/main", "a", 100), at("refs/heads/main", "b", 101));
    for (tag, follows) in [("branch-main", Follows::Reference), ("latest", Follows::Latest)] {
        assert_eq!(told(tag, follows, &older, &newer), Ok(Move::Onward));
        assert_eq!(told(tag, follows, &older, &older), Ok(Move::Onward), "built again");
        let refusal = may_move(&named(tag, follows), Some(&newer), &older).unwrap_err();
        assert!(refusal.is_benign() && refusal.hint().starts_with("nothing is needed"));
        let expected =
            format!("the tag `{tag}` names an image of the later commit `b`, and this one is of `a`");
        assert_eq!(refusal.to_string(), expected);
    }
    // A head that was set back, and an image that does not say when.
    let pulls = |revision, second| at("refs/pull/5/merge", revision, second);
    assert_eq!(told("pr-5", Follows::Reference, &pulls("b", 101), &pulls("a", 100)), Ok(Move::Onward));
    let silent = image("refs/heads/main", "b", "");
    assert_eq!(told("branch-main", Follows::Reference, &silent, &older), Ok(Move::Onward));
    let labels = [("org.opencontainers.image.created", "2026-01-10T08:00:00+01:00")];
    let labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let committed = Provenance::of_image(&labels, &[]).committed.unwrap();
    assert_eq!(committed.to_rfc3339(), "2026-01-10T07:00:00+00:00");
}

#[test]
fn a_commit_without_a_name_takes_nothing() {
    let told =
        told("x", Follows::Reference, &image("refs/heads/x", "a", ""), &image("", "b", "")).unwrap_err();
    assert!(told.ends_with("and this one is of a commit without a name"), "{told}");
}

#[test]
fn versions_only_move_up() {
    let tag = |theirs, ours| told("1", Follows::Version, &release(theirs), &release(ours));
    assert_eq!(tag("1.2.3", "1.10.0"), Ok(Move::Onward));
    assert_eq!(tag("1.2.3", "1.2.3"), Ok(Move::Onward));
    assert_eq!(tag("1.10.0", "1.2.3").unwrap_err(), "the tag `1` names release 1.10.0, and 1.2.3 is older");
    assert!(tag("1.0.0-x.7", "1.2.post1").unwrap_err().ends_with("no saying whether 1.2.post1 is later"));
}

#[test]
fn one_version_has_one_git_tag() {
    let (plain, marked) = (image("refs/tags/1.2.3", "a", "1.2.3"), image("refs/tags/v1.2.3", "b", "1.2.3"));
    assert!(told("1.2.3", Follows::Version, &plain, &marked).unwrap_err().contains("`refs/tags/1.2.3`"));
    let same_commit = image("refs/tags/v1.2.3", "a", "1.2.3");
    assert_eq!(told("1.2.3", Follows::Version, &plain, &same_commit), Ok(Move::Onward));
}

#[test]
fn a_branch_named_like_a_version_keeps_its_tag() {
    let branch = image("refs/heads/1.2", "a", "");
    assert!(told("1.2", Follows::Version, &branch, &release("1.2.3")).is_err());
}

#[test]
fn latest_moves_to_higher_stable_releases_alone() {
    let tag = |theirs: &Provenance, ours: &Provenance| told("latest", Follows::Latest, theirs, ours);
    let (main, dev) = (image("refs/heads/main", "a", ""), image("refs/heads/dev", "b", ""));
    assert_eq!(tag(&main, &main), Ok(Move::Onward));
    assert_eq!(tag(&main, &release("1.0.0")), Ok(Move::Onward));
    assert_eq!(tag(&release("1.0.0"), &release("1.0.1")), Ok(Move::Onward));
    assert_eq!(tag(&release("1.0.0-rc.1"), &release("1.0.0-rc.2")), Ok(Move::Onward));
    assert!(tag(&main, &dev).unwrap_err().contains("`refs/heads/main`"));
    assert!(tag(&main, &release("1.0.0-rc.1")).is_err());
    assert_eq!(
        tag(&release("2.0.0"), &release("1.9.9")).unwrap_err(),
        "the tag `latest` names release 2.0.0, and 1.9.9 is older"
    );
    for (ours, shown) in [(&main, "`refs/heads/main`"), (&release("3.0.0-rc.1"), "`3.0.0-rc.1`")] {
        let refusal = may_move(&named("latest", Follows::Latest), Some(&release("2.0.0")), ours).unwrap_err();
        assert!(refusal.is_benign());
        let told = format!("the tag `latest` names release 2.0.0, and {shown} is no stable release");
        assert_eq!(refusal.to_string(), told);
    }
}

#[test]
fn short_commits_that_are_the_same_are_told_apart() {
    let (one, other) = (image("refs/heads/a", "1234567a", ""), image("refs/heads/b", "1234567b", ""));
    let told = |theirs: &Provenance, ours: &Provenance| told("sha-1234567", Follows::Commit, theirs, ours);
    assert!(told(&one, &other).unwrap_err().contains("`1234567a`"));
    assert_eq!(told(&one, &image("refs/tags/v1", "1234567a", "")), Ok(Move::Onward));
    assert_eq!(told(&image("", "", ""), &one), Ok(Move::Unlabelled));
}

#[test]
fn what_the_settings_share_moves_and_says_so() {
    let (main, dev) = (image("refs/heads/main", "a", ""), image("refs/heads/dev", "b", ""));
    let told = |theirs: &Provenance, ours: &Provenance| told("nightly", Follows::Settings, theirs, ours);
    assert_eq!(told(&main, &dev), Ok(Move::Shared("refs/heads/main".to_owned())));
    assert_eq!(told(&main, &main), Ok(Move::Onward));
    assert_eq!(told(&image("", "", ""), &main), Ok(Move::Unlabelled));
}

#[test]
fn an_image_tells_its_release_by_labels_and_by_tags() {
    let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let of = |labels: &[(String, String)], tags: &[&str]| {
        let tags: Vec<Tag> = tags.iter().map(|tag| tag.parse().unwrap()).collect();
        let image = Provenance::of_image(&labels.iter().cloned().collect(), &tags);
        image.release.map(|release| release.to_string())
    };
    assert_eq!(of(&[label(RELEASE, "1.2.3"), label(VERSION, "1")], &[]).as_deref(), Some("1.2.3"));
    assert_eq!(of(&[label(VERSION, "v1.2.3")], &[]).as_deref(), Some("1.2.3"));
    assert_eq!(of(&[label(VERSION, "main")], &["latest", "1", "1.2", "1.2.3"]).as_deref(), Some("1.2.3"));
    assert_eq!(of(&[label(RELEASE, "1.2.3")], &["1.3.0", "1.2.9"]).as_deref(), Some("1.3.0"));
    for version in ["main", "20260110", "15", "1.2", ""] {
        assert_eq!(of(&[label(VERSION, version)], &["latest", "nightly", "1"]), None, "{version}");
    }
}
