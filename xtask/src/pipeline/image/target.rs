//! Which images there are: the settings, the workspace and where we are, put together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use slipway_image::{Reference, ReferenceError, Repository};

use crate::kit::failure::Failure;
use crate::model::context::Context;
use crate::model::workspace::{Package, Workspace};
use crate::pipeline::Session;
use crate::settings::{OneImage, Settings};

/// An image that is to be made.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// What the settings say of it.
    pub settings: Cow<'a, OneImage>,
    /// The package and its program that go into it; none of an image that is only looked at.
    pub program: Option<(&'a Package, &'a str)>,
    /// Where it is kept; none on a machine that does not know and where nobody said.
    pub repository: Option<Repository>,
}

impl Target<'_> {
    /// Its name in the settings.
    #[must_use]
    pub fn name(&self) -> &str {
        self.settings.name.as_str()
    }

    /// A name for it where no registry is: `localhost/NAME`.
    #[must_use]
    pub fn local(&self) -> Option<Repository> {
        format!("localhost/{}", self.name().to_ascii_lowercase()).parse().ok()
    }
}

/// The images of the settings, each with its program.
///
/// # Errors
/// When one names no program, or no place that an image can be kept in, and when two are kept in one place.
pub fn targets<'a>(
    settings: &'a Settings,
    workspace: &'a Workspace,
    context: &Context,
) -> Result<Vec<Target<'a>>, Failure> {
    let several = settings.images.len() > 1;
    let target = |(place, image): (usize, &'a OneImage)| {
        let program = program(image, workspace).map_err(|problem| {
            Failure::usage(format!("image `{}`: {}", image.name.as_str(), problem.what)).hint(problem.hint)
        })?;
        let repository = repository(image, settings, context, several).map_err(|error| {
            let key = if image.repository.is_some() { "repository" } else { "name" };
            Failure::usage(format!("images[{place}].{key}: {error}"))
        })?;
        Ok(Target { settings: Cow::Borrowed(image), program: Some(program), repository })
    };
    let targets = settings.images.iter().enumerate().map(target).collect::<Result<Vec<_>, Failure>>()?;
    one_place_each(&targets)?;
    Ok(targets)
}

/// Two images in one repository would move the same tags, and the last one would have them.
fn one_place_each(targets: &[Target<'_>]) -> Result<(), Failure> {
    let mut kept = BTreeMap::new();
    for target in targets {
        let Some(repository) = &target.repository else { continue };
        if let Some(first) = kept.insert(repository.to_string(), target.name()) {
            let told = format!("the images `{first}` and `{}` are both kept in {repository}", target.name());
            return Err(Failure::usage(told)
                .hint("each would take the tags of the other: give one of them another `repository`"));
        }
    }
    Ok(())
}

/// The image of a reference: that of the settings which is kept there, or the only one, or one that the settings know nothing
/// of.
///
/// # Errors
/// When there are several, and none is kept there.
pub(super) fn of_reference<'a>(
    settings: &'a Settings,
    context: &Context,
    reference: &Reference,
) -> Result<Target<'a>, Failure> {
    let several = settings.images.len() > 1;
    let repository_of = |image: &OneImage| repository(image, settings, context, several).ok().flatten();
    let kept =
        settings.images.iter().find(|image| repository_of(image).as_ref() == Some(&reference.repository));
    let image = match (kept, settings.images.as_slice()) {
        (Some(image), _) | (None, [image]) => Cow::Borrowed(image),
        (None, []) => Cow::Owned(unknown(reference)),
        (None, all) => {
            let names: Vec<&str> = all.iter().map(|image| image.name.as_str()).collect();
            let told = format!("{} is none of the images {}", reference.repository, names.join(", "));
            return Err(Failure::usage(told).hint("say where each is kept with `repository`"));
        }
    };
    Ok(Target { settings: image, program: None, repository: Some(reference.repository.clone()) })
}

/// An image that nothing is known of but its name.
fn unknown(reference: &Reference) -> OneImage {
    let last = reference.repository.path().rsplit('/').next().unwrap_or_default();
    let letters = last.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect::<String>();
    OneImage::named(&letters)
}

/// Where the images of the settings are kept.
///
/// # Errors
/// When the settings name an image that cannot be.
pub fn repositories(session: &Session) -> Result<Vec<Repository>, Failure> {
    let targets = targets(session.settings(), &session.workspace, &session.context)?;
    Ok(targets.into_iter().filter_map(|target| target.repository).collect())
}

struct NoProgram {
    what: String,
    hint: String,
}

fn program<'a>(image: &'a OneImage, workspace: &'a Workspace) -> Result<(&'a Package, &'a str), NoProgram> {
    let named = |package: &&Package| image.package.as_ref().is_none_or(|name| *name == package.name);
    let packages: Vec<&Package> = workspace.packages.iter().filter(named).collect();
    if let (Some(name), []) = (&image.package, packages.as_slice()) {
        let known: Vec<&str> = workspace.packages.iter().map(|package| package.name.as_str()).collect();
        return Err(NoProgram {
            what: format!("there is no package `{name}` in this workspace"),
            hint: format!("its packages are {}", known.join(", ")),
        });
    }
    let programs =
        packages.iter().flat_map(|package| package.programs.iter().map(|name| (*package, name.as_str())));
    let wanted = |(_, name): &(&Package, &str)| image.bin.as_ref().is_none_or(|bin| bin == name);
    let found: Vec<(&Package, &str)> = programs.filter(wanted).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(NoProgram {
            what: match &image.bin {
                Some(bin) => format!("there is no program `{bin}`"),
                None => "there is no program to put into it".to_owned(),
            },
            hint: "an image holds a program of the workspace: name it with `package` and `bin`".to_owned(),
        }),
        several => {
            // The program that is called like the image is most likely meant.
            let same = several.iter().find(|(_, name)| *name == image.name.as_str());
            let all: Vec<&str> = several.iter().map(|(_, name)| *name).collect();
            same.copied().ok_or_else(|| NoProgram {
                what: format!("there are several programs: {}", all.join(", ")),
                hint: "name one with `bin`, and its package with `package`".to_owned(),
            })
        }
    }
}

fn repository(
    image: &OneImage,
    settings: &Settings,
    context: &Context,
    several: bool,
) -> Result<Option<Repository>, ReferenceError> {
    if let Some(named) = &image.repository {
        return named.parse().map(Some);
    }
    let Some(ours) = &context.repository else { return Ok(None) };
    // Forges keep upper case, registries refuse it.
    let (registry, ours) = (&settings.image.registry, ours.to_ascii_lowercase());
    let path = if several {
        format!("{registry}/{ours}/{}", image.name.as_str().to_ascii_lowercase())
    } else {
        format!("{registry}/{ours}")
    };
    path.parse().map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::context::tests::local;
    use crate::settings::{File, Sources};
    use crate::tools::variables::Variables;

    fn workspace(programs: &[(&str, &[&str])]) -> Workspace {
        let package = |(name, programs): &(&str, &[&str])| Package {
            name: (*name).to_owned(),
            programs: programs.iter().map(ToString::to_string).collect(),
            ..Package::default()
        };
        Workspace {
            root: "/repo".into(),
            target_directory: "/target".into(),
            packages: programs.iter().map(package).collect(),
            files: Vec::new(),
        }
    }

    fn found(
        text: &str,
        programs: &[(&str, &[&str])],
        repository: Option<&str>,
    ) -> Result<Vec<String>, String> {
        let (env, file) = (Variables::new(), File { path: "slipway.toml", text });
        let sources = Sources { file: Some(file), env: &env, flags: &[] };
        let (settings, workspace) = (crate::settings::load(&sources).unwrap().settings, workspace(programs));
        let context = Context { repository: repository.map(ToOwned::to_owned), ..local() };
        let targets = targets(&settings, &workspace, &context).map_err(|failure| failure.to_string())?;
        let told = |target: &Target<'_>| {
            let kept = target.repository.as_ref().map_or("nowhere".to_owned(), ToString::to_string);
            let (package, program) = target.program.unwrap();
            format!("{} {program} {kept}", package.name)
        };
        Ok(targets.iter().map(told).collect())
    }

    const ONE: &str = "[[images]]\nname = 'server'";

    #[test]
    fn the_only_program_goes_into_the_only_image() {
        let found = |repository| found(ONE, &[("lib", &[]), ("cli", &["tool"])], repository);
        assert_eq!(found(None), Ok(vec!["cli tool nowhere".to_owned()]));
        assert_eq!(found(Some("Ada/Parcels")), Ok(vec!["cli tool ghcr.io/ada/parcels".to_owned()]));
    }

    #[test]
    fn of_several_programs_the_one_of_the_same_name_is_meant() {
        assert_eq!(found(ONE, &[("a", &["other", "server"])], None), Ok(vec!["a server nowhere".to_owned()]));
        let error = found(ONE, &[("a", &["one", "two"])], None).unwrap_err();
        assert!(error.contains("there are several programs: one, two") && error.contains("`bin`"), "{error}");
    }

    #[test]
    fn several_images_have_their_names_behind_the_repository() {
        let text = format!("{ONE}\npackage = 'a'\n[[images]]\nname = 'Worker'\npackage = 'b'");
        let found = found(&text, &[("a", &["x"]), ("b", &["y"])], Some("o/r"));
        assert_eq!(found, Ok(vec!["a x ghcr.io/o/r/server".to_owned(), "b y ghcr.io/o/r/worker".to_owned()]));
    }

    #[test]
    fn two_images_in_one_repository_are_refused() {
        let several = |of_server: &str, of_worker: &str| {
            let worker = "[[images]]\nname = 'worker'\npackage = 'b'";
            let text = format!("{ONE}\npackage = 'a'\n{of_server}\n{worker}\n{of_worker}");
            found(&text, &[("a", &["x"]), ("b", &["y"])], Some("o/r"))
        };
        let same = "repository = 'docker.io/o/app'";
        let error = several(same, same).unwrap_err();
        assert!(
            error.contains("the images `server` and `worker` are both kept in docker.io/o/app"),
            "{error}"
        );
        assert!(error.contains("give one of them another `repository`"), "{error}");
        // Also where one is named and the other one's place is made of its name.
        let error = several("", "repository = 'ghcr.io/o/r/server'").unwrap_err();
        assert!(error.contains("both kept in ghcr.io/o/r/server"), "{error}");
        assert_eq!(several(same, "").map(|all| all.len()), Ok(2));
    }

    #[test]
    fn what_cannot_be_is_told() {
        let with = |line: &str| found(&format!("{ONE}\n{line}"), &[("a", &["x"])], None).unwrap_err();
        assert!(with("package = 'b'").contains("there is no package `b`"));
        assert!(with("bin = 'y'").contains("there is no program `y`"));
        assert!(
            with("repository = 'ghcr.io/Ada/X'")
                .contains("images[0].repository: names of images are lower-case")
        );
        assert!(found(ONE, &[("a", &[])], None).unwrap_err().contains("there is no program to put into it"));
    }
}
