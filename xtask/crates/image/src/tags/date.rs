//! Dates in the words of moment.js, in English. Source: <https://momentjs.com/docs/#/displaying/format/>.

use chrono::{DateTime, Datelike, Days, NaiveDate, Timelike, Utc};
use chrono_tz::{TZ_VARIANTS, Tz};

/// The tokens, those that begin alike longest first where the longer one wins.
const TOKENS: [&str; 76] = [
    "Hmmss", "hmmss", "Hmm", "hmm", "Mo", "MMMM", "MMM", "MM", "M", "Do", "DDDo", "DDDD", "DDD", "DD", "D",
    "dddd", "ddd", "dd", "do", "d", "wo", "ww", "w", "Wo", "WW", "W", "Qo", "Q", "NNNNN", "NNNN", "NNN",
    "NN", "N", "YYYYYY", "YYYYY", "YYYY", "YY", "Y", "yyyy", "yyy", "yy", "yo", "y", "ggggg", "gggg", "gg",
    "GGGGG", "GGGG", "GG", "e", "E", "a", "A", "hh", "h", "HH", "H", "kk", "k", "mm", "m", "ss", "s", "x",
    "X", "zz", "z", "ZZ", "Z", "LTS", "LT", "LLLL", "LLL", "LL", "L", "S",
];

/// Short forms of whole formats.
const LONG: [(&str, &str); 10] = [
    ("LTS", "h:mm:ss A"),
    ("LT", "h:mm A"),
    ("LLLL", "dddd, MMMM D, YYYY h:mm A"),
    ("LLL", "MMMM D, YYYY h:mm A"),
    ("LL", "MMMM D, YYYY"),
    ("L", "MM/DD/YYYY"),
    ("llll", "ddd, MMM D, YYYY h:mm A"),
    ("lll", "MMM D, YYYY h:mm A"),
    ("ll", "MMM D, YYYY"),
    ("l", "M/D/YYYY"),
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The time zone of a name of the IANA database, in whatever case.
pub(super) fn zone(name: &str) -> Option<Tz> {
    name.parse().ok().or_else(|| TZ_VARIANTS.into_iter().find(|zone| zone.name().eq_ignore_ascii_case(name)))
}

/// The time in a zone, in a format.
pub(super) fn format(time: DateTime<Utc>, zone: Tz, format: &str) -> String {
    let time = time.with_timezone(&zone);
    let mut text = String::new();
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        if let Some((literal, behind)) = literal(rest) {
            text.push_str(literal);
            rest = behind;
        } else if let Some(escaped) = rest.strip_prefix('\\') {
            // A backslash takes the meaning from the token behind it, a second backslash included.
            let taken =
                token(escaped).map_or_else(|| escaped.chars().next().map_or(0, char::len_utf8), str::len);
            let (plain, behind) = escaped.split_at_checked(taken).unwrap_or((escaped, ""));
            text.push_str(plain.trim_start_matches('\\'));
            rest = behind;
        } else if let Some(found) = token(rest) {
            text.push_str(&shown(&time, found));
            rest = rest.get(found.len()..).unwrap_or_default();
        } else {
            text.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    text
}

/// `[text]`: up to the last `]` before the next `[`.
fn literal(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix('[')?;
    let end = inside.find('[').unwrap_or(inside.len());
    let end = inside.get(..end)?.rfind(']')?;
    Some((inside.get(..end)?, inside.get(end + 1..)?))
}

/// The token that a text begins with.
fn token(text: &str) -> Option<&str> {
    let run = |letter: u8, most: usize| text.bytes().take(most).take_while(|byte| *byte == letter).count();
    let length = match text.bytes().next()? {
        b'S' => run(b'S', 9),
        b'l' => run(b'l', 4),
        _ => TOKENS.iter().find(|token| text.starts_with(**token))?.len(),
    };
    text.get(..length)
}

fn shown(time: &DateTime<Tz>, token: &str) -> String {
    if let Some((_, long)) = LONG.iter().find(|(short, _)| *short == token) {
        return format(time.with_timezone(&Utc), time.timezone(), long);
    }
    let (date, hour) = (time.date_naive(), time.hour());
    let (year, iso) = (time.year(), time.iso_week());
    let (_, hour12) = time.hour12();
    let (minute, second) = (time.minute(), time.second());
    let weekday = time.weekday().num_days_from_sunday();
    let padded = |number: i64, width: usize| format!("{number:0width$}");
    match token {
        "M" | "D" | "DDD" | "d" | "e" | "w" | "W" | "Q" | "E" | "H" | "h" | "k" | "m" | "s" => {
            number(time, token).to_string()
        }
        "MM" | "DD" | "ww" | "WW" | "HH" | "hh" | "kk" | "mm" | "ss" => {
            padded(number(time, &token[..1]).into(), 2)
        }
        "DDDD" => padded(number(time, "DDD").into(), 3),
        "Mo" | "Do" | "DDDo" | "do" | "wo" | "Wo" | "Qo" => {
            ordinal(number(time, token.trim_end_matches('o')))
        }
        "yo" => ordinal(year.unsigned_abs()),
        "MMMM" => name(&MONTHS, time.month0()).to_owned(),
        "MMM" => name(&MONTHS, time.month0()).chars().take(3).collect(),
        "dddd" => name(&DAYS, weekday).to_owned(),
        "ddd" => name(&DAYS, weekday).chars().take(3).collect(),
        "dd" => name(&DAYS, weekday).chars().take(2).collect(),
        "NNNN" => "Anno Domini".to_owned(),
        "N" | "NN" | "NNN" | "NNNNN" => "AD".to_owned(),
        "YYYYYY" => format!("{year:+07}").trim_start_matches('+').to_owned(),
        "YYYYY" => padded(year.into(), 5),
        "YYYY" | "Y" | "yyyy" | "yyy" | "yy" | "y" => padded(year.into(), 4),
        "YY" => padded((year % 100).into(), 2),
        "ggggg" => padded(week(date).1.into(), 5),
        "gggg" => padded(week(date).1.into(), 4),
        "gg" => padded((week(date).1 % 100).into(), 2),
        "GGGGG" => padded(iso.year().into(), 5),
        "GGGG" => padded(iso.year().into(), 4),
        "GG" => padded((iso.year() % 100).into(), 2),
        "A" => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        "a" => if hour < 12 { "am" } else { "pm" }.to_owned(),
        "Hmm" => format!("{hour}{minute:02}"),
        "Hmmss" => format!("{hour}{minute:02}{second:02}"),
        "hmm" => format!("{hour12}{minute:02}"),
        "hmmss" => format!("{hour12}{minute:02}{second:02}"),
        "x" => time.timestamp_millis().to_string(),
        "X" => time.timestamp().to_string(),
        "z" | "zz" => time.format("%Z").to_string(),
        "Z" => time.format("%:z").to_string(),
        "ZZ" => time.format("%z").to_string(),
        // What is left are the runs of `S`: thousandths, and zeros behind them.
        _ => padded(time.timestamp_subsec_millis().into(), 3)
            .chars()
            .chain(std::iter::repeat('0'))
            .take(token.len())
            .collect(),
    }
}

/// The tokens that are one number.
fn number(time: &DateTime<Tz>, token: &str) -> u32 {
    match token {
        "M" => time.month(),
        "D" => time.day(),
        "DDD" => time.ordinal(),
        "d" | "e" => time.weekday().num_days_from_sunday(),
        "E" => time.weekday().number_from_monday(),
        "w" => week(time.date_naive()).0,
        "W" => time.iso_week().week(),
        "Q" => time.month0() / 3 + 1,
        "h" => time.hour12().1,
        "k" if time.hour() == 0 => 24,
        "H" | "k" => time.hour(),
        "m" => time.minute(),
        _ => time.second(),
    }
}

/// The week and its year where weeks begin on Sunday and the first is that of 1 January: its Saturday says both.
fn week(date: NaiveDate) -> (u32, i32) {
    let ahead = 6 - date.weekday().num_days_from_sunday();
    let saturday = date.checked_add_days(Days::new(ahead.into())).unwrap_or(date);
    (saturday.ordinal0() / 7 + 1, saturday.year())
}

fn name<'a>(names: &[&'a str], index: u32) -> &'a str {
    names.get(index as usize).copied().unwrap_or_default()
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 100, number % 10) {
        (11..=13, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use proptest::prelude::*;

    use super::*;

    fn at(year: i32, month: u32, day: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(year, month, day, hour, 4, 5).unwrap()
    }

    #[test]
    fn midnight_and_noon_are_twelve() {
        assert_eq!(format(at(2026, 1, 1, 0), Tz::UTC, "H HH h hh k kk A"), "0 00 12 12 24 24 AM");
        assert_eq!(format(at(2026, 1, 1, 12), Tz::UTC, "H h k a"), "12 12 12 pm");
    }

    #[test]
    fn weeks_at_the_turn_of_the_year_belong_to_the_right_one() {
        assert_eq!(format(at(2024, 12, 29, 0), Tz::UTC, "gggg-ww GGGG-WW"), "2025-01 2024-52");
        assert_eq!(format(at(2024, 12, 28, 0), Tz::UTC, "gggg-ww GGGG-WW"), "2024-52 2024-52");
        assert_eq!(format(at(2027, 1, 1, 0), Tz::UTC, "gggg-ww GGGG-WW"), "2027-01 2026-53");
    }

    #[test]
    fn ordinals_know_the_teens() {
        let days: Vec<String> =
            [1, 2, 3, 4, 11, 12, 13, 21, 22, 23].map(|day| format(at(2026, 1, day, 0), Tz::UTC, "Do")).into();
        assert_eq!(days, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "23rd"]);
    }

    #[test]
    fn summer_time_is_that_of_the_zone() {
        let zone = zone("europe/berlin").unwrap();
        assert_eq!(format(at(2026, 7, 1, 22), zone, "YYYY-MM-DD HH Z z"), "2026-07-02 00 +02:00 CEST");
        assert_eq!(super::zone("Europe/Bielefeld"), None);
    }

    proptest! {
        #[test]
        fn no_format_and_no_time_is_too_much(text in "[\\PC\\\\\\[\\]YMDHhmsSLlNgGwWZzxX]{0,20}", seconds in any::<i64>()) {
            if let Some(time) = DateTime::from_timestamp(seconds, 0) {
                format(time, Tz::Asia__Tokyo, &text);
            }
            format(at(2026, 1, 1, 0), Tz::UTC, &text);
        }
    }
}
