//! Whose report it is, which decides what its names mean.

/// How suites and cases are named in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    /// By nextest: a suite is a binary, whose package stands before `::`; setup scripts are left out when they
    /// passed.
    Nextest,
    /// By some other tool: a suite is a binary, and a class name that says more than the suite is part of the
    /// case's name.
    Foreign {
        /// The package that the tests are counted to.
        package: String,
    },
}
