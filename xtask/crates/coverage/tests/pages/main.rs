//! The pages as their readers meet them: what they are made of, what is in them, and what keys do in a browser.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod contrast;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod markup;
#[cfg(test)]
mod structure;
#[cfg(test)]
mod support;
#[cfg(test)]
mod text;
