//! The whole pipeline of images as a user runs it: the real executable over a workspace, with a real engine, a real registry and
//! other tools as judges of what comes of it.

use super::support::Test;

mod delivery;
mod faults;
mod interrupts;
mod leftovers;
mod project;
mod pushing;
mod whole;

pub(crate) use leftovers::Things;

/// What the tests start beside an engine.
pub(crate) const PROGRAMS: &[&str] = &["docker", "docker-registry", "git", "htpasswd", "skopeo", "unshare"];

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("pipeline::by_an_engine_it_is_one_digest_all_the_way", whole::by_an_engine),
    ("pipeline::without_a_dockerfile_it_is_one_digest_all_the_way", whole::embedded),
    ("pipeline::without_an_engine_it_is_one_digest_all_the_way", whole::without_an_engine),
    (
        "pipeline::an_engine_takes_what_was_built_without_one",
        whole::an_engine_takes_what_was_built_without_one,
    ),
    ("pipeline::two_runs_of_one_commit_are_apart", whole::two_runs_of_one_commit_are_apart),
    ("pipeline::two_clones_give_one_digest", whole::two_clones_give_one_digest),
    ("pipeline::another_judge_of_structure_agrees", whole::another_judge_agrees),
    ("pipeline::what_is_there_is_not_sent_again", pushing::what_is_there_is_not_sent_again),
    ("pipeline::a_tag_of_another_branch_stays", pushing::a_tag_of_another_branch_stays),
    ("pipeline::latest_stays_with_the_release", pushing::latest_stays_with_the_release),
    ("pipeline::a_wrong_password_is_explained", pushing::a_wrong_password_is_explained),
    ("pipeline::a_fork_never_pushes", pushing::a_fork_never_pushes),
    ("pipeline::what_a_run_pushed_is_delivered_and_said_so", delivery::what_a_run_pushed_is_delivered),
    ("pipeline::a_tag_that_was_moved_is_not_delivered", delivery::a_moved_tag_is_not_delivered),
    ("pipeline::no_engine_where_one_has_to_build", faults::no_engine_where_one_has_to_build),
    ("pipeline::a_dockerfile_that_fails_is_told_with_its_line", faults::dockerfiles_that_fail),
    ("pipeline::a_program_that_cannot_start_is_not_started", faults::programs_that_cannot_start),
    ("pipeline::an_image_over_its_budget", faults::over_budget),
    ("pipeline::each_fault_of_a_run_is_told", faults::runs_that_go_wrong),
    ("pipeline::ctrl_c_in_a_build", interrupts::in_a_build),
    ("pipeline::ctrl_c_in_a_compilation", interrupts::in_a_compilation),
    ("pipeline::ctrl_c_in_a_run", interrupts::in_a_run),
    ("pipeline::ctrl_c_in_a_run_without_an_engine", interrupts::in_a_run_without_an_engine),
];
