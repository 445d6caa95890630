//! Lengths of time and sizes, as the names of checks have them: the same as in the settings, and easy to read.

use std::time::Duration;

use crate::settings::Size;

/// `500 ms`, `60 s`, `5 min`.
pub(super) fn span(time: Duration) -> String {
    let (milliseconds, seconds) = (time.as_millis(), time.as_secs());
    if !milliseconds.is_multiple_of(1000) {
        return format!("{milliseconds} ms");
    }
    if seconds > 60 && seconds.is_multiple_of(60) {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} s")
    }
}

/// `64 MiB`.
pub(super) fn size(size: Size) -> String {
    let text = size.to_string();
    let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    format!("{digits} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_well() {
        let told = [500, 1500, 10_000, 60_000, 90_000, 300_000].map(|ms| span(Duration::from_millis(ms)));
        assert_eq!(told, ["500 ms", "1500 ms", "10 s", "60 s", "90 s", "5 min"]);
        assert_eq!(size("64MiB".to_owned().try_into().unwrap()), "64 MiB");
    }
}
