//! Images: in from an archive, out to one, named and removed.

use xtask::tools::docker::Engine;

use super::support::{Test, archive, limits};

pub(crate) const TESTS: &[(&str, Test)] = &[
    ("images::an_archive_goes_in_and_out", an_archive_goes_in_and_out),
    ("images::a_broken_archive_is_refused", a_broken_archive_is_refused),
];

fn an_archive_goes_in_and_out(engine: &Engine) {
    let folder = tempfile::tempdir().unwrap();
    let name = "slipway-live/in-out:1";
    assert_eq!(engine.load(&archive(folder.path(), name), &limits()).unwrap(), [name]);
    let image = engine.inspect(name).unwrap();
    assert_eq!((image.os.as_str(), image.user.as_str()), ("linux", "1000"));
    assert_eq!(image.command, ["/bin/sh"]);
    assert_eq!(image.labels["of"], name);
    assert_eq!(image.created, None);
    assert!(image.size > 100_000 && image.layers.len() == 1);

    engine.tag(&image.id, &"slipway-live/other".parse().unwrap(), &"2".parse().unwrap()).unwrap();
    let saved = folder.path().join("saved.tar");
    engine.save("slipway-live/other:2", &saved, &limits()).unwrap();
    for name in ["slipway-live/in-out:1", "slipway-live/other:2"] {
        engine.remove_image(name).unwrap();
        assert!(engine.inspect(name).unwrap_err().is_not_found());
        engine.remove_image(name).unwrap();
    }
    assert_eq!(engine.load(&saved, &limits()).unwrap(), ["slipway-live/other:2"]);
    assert_eq!(engine.inspect("slipway-live/other:2").unwrap().layers, image.layers);
    engine.remove_image("slipway-live/other:2").unwrap();

    let error = engine.save("slipway-live/gone:1", &saved, &limits()).unwrap_err();
    assert!(error.to_string().contains("slipway-live/gone:1"), "{error}");
    assert!(saved.exists());
}

fn a_broken_archive_is_refused(engine: &Engine) {
    let folder = tempfile::tempdir().unwrap();
    let path = archive(folder.path(), "slipway-live/broken:1");
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let error = engine.load(&path, &limits()).unwrap_err();
    assert!(error.to_string().starts_with("cannot load the image "), "{error}");
    let error = engine.load(&folder.path().join("none.tar"), &limits()).unwrap_err();
    assert!(error.to_string().contains("No such file"), "{error}");
}
