//! Pure facts and rules: what a run knows and how it is judged.
//! Does no input or output, and reads neither the environment nor the clock.

pub mod affected;
pub mod annotation;
pub mod checks;
pub mod command;
pub mod comment;
pub mod context;
pub mod coverage;
pub mod cvss;
pub mod day;
pub mod diff;
pub mod expression;
pub mod facts;
pub mod finding;
pub mod flaw;
pub mod forge;
pub mod gate;
pub mod gates;
pub mod hooks;
pub mod image;
pub mod level;
pub mod needs;
pub mod percent;
pub mod plan;
pub mod progress;
pub mod record;
pub mod release;
pub mod scaffold;
pub mod scan;
pub mod severity;
pub mod smoke;
pub mod step;
pub mod test;
pub mod verdict;
pub mod waiver;
pub mod workspace;
