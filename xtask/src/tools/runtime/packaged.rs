//! How an image says that it wants to be run.

/// What a runtime and the smoke contract need to know of the configuration of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packaged {
    /// `UID`, `UID:GID`, or names; empty for root.
    pub user: String,
    /// The program and its first arguments.
    pub entrypoint: Vec<String>,
    /// Arguments that may be replaced, or the program where there is no entrypoint.
    pub args: Vec<String>,
    /// `NAME=VALUE`.
    pub env: Vec<String>,
    /// The folder that it starts in; empty for `/`.
    pub folder: String,
    /// TCP ports that it says it listens on.
    pub ports: Vec<u16>,
    /// The command of its health check as Docker writes it (`CMD`, …); empty without.
    pub healthcheck: Vec<String>,
}

impl Packaged {
    /// The command of its health check, ready to be run in it; none when it has none.
    #[must_use]
    pub fn health_command(&self) -> Option<Vec<String>> {
        let (kind, rest) = self.healthcheck.split_first()?;
        match kind.as_str() {
            "CMD" if !rest.is_empty() => Some(rest.to_vec()),
            "CMD-SHELL" if !rest.is_empty() => {
                Some(["/bin/sh", "-c"].into_iter().map(ToOwned::to_owned).chain(rest.to_vec()).collect())
            }
            _ => None,
        }
    }

    /// Its TCP ports among what images write: `8080`, `8080/tcp`, `53/udp`.
    pub fn tcp_ports<'a>(ports: impl IntoIterator<Item = &'a str>) -> Vec<u16> {
        let number = |port: &'a str| port.strip_suffix("/tcp").unwrap_or(port).parse().ok();
        ports.into_iter().filter_map(number).collect()
    }
}

#[cfg(feature = "docker")]
impl From<&slipway_image::oci::RunConfig> for Packaged {
    fn from(config: &slipway_image::oci::RunConfig) -> Self {
        let ports = config.exposed_ports.iter().flat_map(|ports| &ports.0).map(String::as_str);
        Self {
            user: config.user.clone().unwrap_or_default(),
            entrypoint: config.entrypoint.clone().unwrap_or_default(),
            args: config.cmd.clone().unwrap_or_default(),
            env: config.env.clone().unwrap_or_default(),
            folder: config.working_dir.clone().unwrap_or_default(),
            ports: Self::tcp_ports(ports),
            healthcheck: config.healthcheck.clone().and_then(|check| check.test).unwrap_or_default(),
        }
    }
}

#[cfg(feature = "docker")]
impl From<&crate::tools::docker::Image> for Packaged {
    fn from(image: &crate::tools::docker::Image) -> Self {
        Self {
            user: image.user.clone(),
            entrypoint: image.entrypoint.clone(),
            args: image.command.clone(),
            env: image.env.clone(),
            // An engine knows it itself.
            folder: String::new(),
            ports: Self::tcp_ports(image.ports.iter().map(String::as_str)),
            healthcheck: image.health_check.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(words: &[&str]) -> Option<Vec<String>> {
        let healthcheck = words.iter().map(|&word| word.to_owned()).collect();
        Packaged { healthcheck, ..Packaged::default() }.health_command()
    }

    #[test]
    fn a_health_check_is_a_command_a_line_or_none() {
        assert_eq!(health(&["CMD", "/app", "healthcheck"]).unwrap(), ["/app", "healthcheck"]);
        assert_eq!(health(&["CMD-SHELL", "wget x"]).unwrap(), ["/bin/sh", "-c", "wget x"]);
        for none in [&[][..], &["NONE"], &["CMD"], &["CMD-SHELL"]] {
            assert_eq!(health(none), None);
        }
    }

    #[test]
    fn only_tcp_ports_count() {
        assert_eq!(Packaged::tcp_ports(["80", "8080/tcp", "53/udp", "x/tcp", "70000/tcp"]), [80, 8080]);
    }
}
