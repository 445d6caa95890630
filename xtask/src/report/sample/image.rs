//! Images of the sample: one of which everything is known, and one that was only built.

use super::{HOSTILE, case};
use crate::model::checks::{Found, Suite};
use crate::model::image::{
    BuilderRecord, Contents, ImageRecord, LayerRecord, Pulled, Pushed, ScanRecord, SmokeRecord, TagRecord,
};
use crate::model::test::{TestCase, TestKind, TestOutcome};

fn digest(digits: &str) -> String {
    format!("sha256:{}", digits.repeat(4))
}

fn layer(size: u64, unpacked: u64, made_by: &str) -> LayerRecord {
    let digest = digest(&format!("{:016x}", size.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    LayerRecord { digest, size, unpacked: Some(unpacked), made_by: made_by.to_owned() }
}

fn tag(tag: &str, reason: &str) -> TagRecord {
    TagRecord { tag: tag.to_owned(), reason: reason.to_owned() }
}

fn run(name: &str, passed: u64, total: u64, end: &str) -> SmokeRecord {
    SmokeRecord {
        name: name.to_owned(),
        reference: format!("ghcr.io/acme/widgets@{}", digest("0123456789abcdef")),
        runtime: "engine".to_owned(),
        passed,
        total,
        end: Some(end.to_owned()),
        ..SmokeRecord::default()
    }
}

pub(super) fn images() -> Vec<ImageRecord> {
    let pinned = format!("ghcr.io/acme/widgets@{}", digest("0123456789abcdef"));
    let sha = format!("sha-{}", "c0ffee".repeat(6) + "c0ff");
    let label = |name: &str, value: &str| (format!("org.opencontainers.image.{name}"), value.to_owned());
    let widgets = ImageRecord {
        repository: Some("ghcr.io/acme/widgets".to_owned()),
        builder: Some(BuilderRecord {
            name: "engine (BuildKit)".to_owned(),
            reason: "the image has a Dockerfile, and docker answers".to_owned(),
            duration_ms: Some(12_000),
        }),
        platform: Some("linux/amd64".to_owned()),
        digest: Some(digest("0123456789abcdef")),
        id: Some(digest("1111222233334444")),
        tags: vec![
            tag("pr-12", "type=ref,event=pr: the pull request"),
            tag(&sha, &format!("type=sha,format=long: the commit {HOSTILE}")),
        ],
        labels: [label("title", "widgets"), label("version", "pr-12")].into(),
        contents: Some(Contents {
            size: 17_300_000,
            unpacked: 41_200_000,
            layers: vec![
                layer(2_100_000, 5_000_000, "COPY /lib /lib"),
                layer(15_000_000, 36_000_000, "COPY --from=build /widgets /app/widgets"),
                layer(200_000, 200_000, &format!("RUN {HOSTILE}")),
            ],
            wasted: 40_000,
            user: "1000:1000".to_owned(),
            entrypoint: vec!["/app/widgets".to_owned()],
            ports: vec!["8080/tcp".to_owned()],
            files: 27,
            before: Some(16_100_000),
            ..Contents::default()
        }),
        pushed: Some(Pushed {
            references: vec!["ghcr.io/acme/widgets:pr-12".to_owned(), format!("ghcr.io/acme/widgets:{sha}")],
            digest: digest("0123456789abcdef"),
            uploaded: 1,
            skipped: 2,
            bytes: Some(15_000_000),
            duration_ms: 1_900,
        }),
        pulled: Some(Pulled { reference: pinned, digest: digest("0123456789abcdef"), duration_ms: 900 }),
        smoke: vec![
            SmokeRecord {
                ready_ms: Some(130),
                output: Some(format!("listening on 0.0.0.0:8080\n{HOSTILE}")),
                ..run("serve", 11, 12, "signal 9")
            },
            run("version", 3, 3, "exit code 0"),
        ],
        scan: Some(ScanRecord {
            scanner: "trivy 0.76.0".to_owned(),
            targets: vec!["image".to_owned(), "Cargo.lock".to_owned()],
            packages: 214,
            database: Some("2025-12-30T06:00:00Z".to_owned()),
            waived: vec!["CVE-2099-0001 until 2026-02-01: not reachable".to_owned()],
        }),
        files: vec!["reports/sbom/widgets.cdx.json".to_owned()],
        ..ImageRecord::named("widgets")
    };
    let worker = ImageRecord {
        digest: Some(digest("fedcba9876543210")),
        tags: vec![tag("dev", "nothing was asked for")],
        contents: Some(Contents {
            size: 4_200_000,
            layers: vec![layer(4_200_000, 9_000_000, "")],
            ..Contents::default()
        }),
        ..ImageRecord::named("worker")
    };
    vec![widgets, worker]
}

/// Assertions about the first image.
pub(super) fn checks() -> Vec<TestCase> {
    let structure = Suite::new("widgets", "structure");
    let setuid = Found::Broken {
        message: "1 setuid or setgid file: /bin/su; take the bits away with `chmod a-s`".to_owned(),
        places: vec!["/bin/su".to_owned()],
    };
    vec![
        structure.check("runs as 1000:1000, not root", Found::Holds),
        structure.check("no file is setuid or setgid", setuid),
        Suite::new("widgets", "size").check("is at most 20 MB", Found::Holds),
        TestCase {
            binary: "image widgets smoke serve".to_owned(),
            kind: TestKind::Check,
            message: Some("it had to be killed after 10.0 s".to_owned()),
            output: format!("listening on 0.0.0.0:8080\n{HOSTILE}"),
            ..case("stops on SIGTERM within 10 s", TestOutcome::Failed, 10_000)
        },
    ]
}
