//! Recorded events of every kind: what each of them means, who is trusted, and what images of it are called.

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod meaning;
#[cfg(test)]
mod tags;
