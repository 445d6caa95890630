//! What the settings require of images, as the checks and their gates take it. What is set for an image is required of
//! it, whoever builds it: a Dockerfile that says otherwise is found out.

use crate::model::checks::size::Budget;
use crate::model::checks::structure::Expected;
use crate::settings::{OneImage, Settings, SizeBudget, Variable};

/// How large images may be.
#[must_use]
pub fn budget(size: &SizeBudget) -> Budget {
    Budget {
        total: size.max.limit(),
        layer: size.layer_max.limit(),
        growth: size.growth_max.limit(),
        wasted: size.wasted_max.limit(),
    }
}

/// What has to be true of what is in an image.
#[must_use]
pub fn structure(settings: &Settings, image: &OneImage) -> Expected {
    let of_all = &settings.image.structure;
    let text = |(name, value): (&Variable, &String)| (name.as_str().to_owned(), value.clone());
    Expected {
        non_root: of_all.non_root,
        user: image.user.clone(),
        no_setuid: of_all.no_setuid,
        no_shell: of_all.no_shell,
        entrypoint: image.entrypoint.clone(),
        args: image.args.clone(),
        env: image.env.iter().map(text).collect(),
        ports: image.ports.clone(),
        workdir: image.workdir.clone(),
        must_have: image.must_have.clone(),
        must_not_have: image.must_not_have.clone(),
    }
}

/// Whether anything is required of the structure of the image of this name.
#[must_use]
pub fn is_structure_asked(image: &str, settings: &Settings) -> bool {
    let of_all = &settings.image.structure;
    let own = settings.images.iter().find(|own| own.name.as_str() == image);
    let of_it = own.is_some_and(|own| structure(settings, own) != Expected::default());
    of_all.non_root || of_all.no_setuid || of_all.no_shell || of_it
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::settings::{File, Sources, load};

    #[test]
    fn what_is_set_for_an_image_is_required_of_it() {
        let text = "image.size = {max = '20MB', wasted-max = '1kB'}\nimage.structure.no-shell = true\n[[images]]\nname = 'app'\n\
                    user = '7:7'\nenv = {A = 'b'}\nports = ['80']\nmust-have = ['/x']\n[[images]]\nname = 'other'";
        let file = File { path: "slipway.toml", text };
        let sources = Sources { file: Some(file), env: &BTreeMap::new(), flags: &[] };
        let settings = load(&sources).unwrap().settings;
        let expected = structure(&settings, &settings.images[0]);
        assert!(expected.non_root && expected.no_setuid && expected.no_shell);
        assert_eq!((expected.user.as_deref(), expected.env["A"].as_str()), (Some("7:7"), "b"));
        assert_eq!((expected.ports, expected.must_have), (vec!["80".to_owned()], vec!["/x".to_owned()]));
        let limits = budget(&settings.image.size);
        assert_eq!((limits.total, limits.layer, limits.wasted), (Some(20_000_000), None, Some(1000)));
        assert_eq!(structure(&settings, &settings.images[1]).user, None);
    }
}
