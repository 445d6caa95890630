//! What the fuzz targets found worth keeping, replayed without a fuzzer.

#[cfg(test)]
mod check;
#[cfg(test)]
mod replay;
