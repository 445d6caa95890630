//! The walk over the XML events of a report. Knows where it stands, not what it means: cases are made in `case`.

use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::case::{Element, Printed, RawCase, Status};
use super::{JunitError, Naming, value};
use crate::model::test::TestCase;
use crate::tools::test_output::tail::Tail;

/// An element that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Suites,
    /// A suite, and the name that its cases get.
    Suite(Option<String>),
    Case,
    Status,
    Out,
    Err,
    Trace,
    Other,
}

/// The state of a walk.
#[derive(Debug)]
pub struct Walk<'a> {
    naming: &'a Naming,
    open: Vec<Place>,
    case: Option<RawCase>,
    cases: Vec<TestCase>,
    any_suite: bool,
}

impl<'a> Walk<'a> {
    /// A walk that has not begun.
    #[must_use]
    pub fn new(naming: &'a Naming) -> Self {
        Self { naming, open: Vec::new(), case: None, cases: Vec::new(), any_suite: false }
    }

    /// Walks to the end.
    ///
    /// # Errors
    ///
    /// When the text is not well-formed, is cut off, or holds no suite.
    pub fn read(mut self, bytes: &[u8]) -> Result<Vec<TestCase>, JunitError> {
        let mut reader = Reader::from_reader(bytes);
        reader.config_mut().expand_empty_elements = true;
        reader.config_mut().allow_dangling_amp = true;
        loop {
            let event = reader.read_event();
            match event.map_err(|source| JunitError::Xml { at: reader.error_position(), source })? {
                Event::Start(element) => self.start(&element),
                Event::End(_) => self.end(),
                Event::Text(text) => self.text(&value::text(&text)),
                Event::CData(text) => self.text(&String::from_utf8_lossy(&text)),
                Event::GeneralRef(name) => self.reference(&name),
                Event::Eof => break,
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
        if !self.open.is_empty() {
            return Err(JunitError::CutOff);
        }
        if self.any_suite { Ok(self.cases) } else { Err(JunitError::NoSuite) }
    }

    fn start(&mut self, element: &BytesStart<'_>) {
        let name = element.local_name();
        let place = match (name.as_ref(), self.open.last()) {
            (b"testsuites", None) => {
                self.any_suite = true;
                Place::Suites
            }
            (b"testsuite", None | Some(Place::Suites | Place::Suite(_))) => {
                self.any_suite = true;
                Place::Suite(
                    attribute(element, b"name").filter(|name| !name.is_empty()).or_else(|| self.suite()),
                )
            }
            (b"testcase", Some(Place::Suites | Place::Suite(_))) => {
                self.case = Some(RawCase {
                    suite: self.suite(),
                    name: attribute(element, b"name").unwrap_or_default(),
                    class: attribute(element, b"classname"),
                    time: attribute(element, b"time"),
                    ..RawCase::default()
                });
                Place::Case
            }
            (b"system-out", Some(Place::Case | Place::Status)) => Place::Out,
            (b"system-err", Some(Place::Case | Place::Status)) => Place::Err,
            (b"stackTrace", Some(Place::Status)) => Place::Trace,
            (name, Some(Place::Case)) => match Status::of(name) {
                Some(status) => {
                    self.status(status, element);
                    Place::Status
                }
                None => Place::Other,
            },
            _ => Place::Other,
        };
        self.open.push(place);
    }

    fn status(&mut self, status: Status, element: &BytesStart<'_>) {
        if let Some(case) = &mut self.case {
            case.elements.push(Element {
                status,
                message: attribute(element, b"message"),
                kind: attribute(element, b"type"),
                time: attribute(element, b"time"),
                printed: Printed::default(),
            });
        }
    }

    /// The name of the suite that is open.
    fn suite(&self) -> Option<String> {
        self.open.iter().rev().find_map(|place| match place {
            Place::Suite(name) => Some(name.clone()),
            _ => None,
        })?
    }

    fn end(&mut self) {
        if self.open.pop() == Some(Place::Case)
            && let Some(case) = self.case.take()
        {
            self.cases.extend(case.finish(self.naming));
        }
    }

    fn reference(&mut self, name: &[u8]) {
        let name = String::from_utf8_lossy(name);
        match value::reference(&name) {
            Some(c) => self.text(c.encode_utf8(&mut [0; 4])),
            None => self.text(&format!("&{name};")),
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(tail) = self.tail() {
            tail.push(text);
        }
    }

    /// Where text goes that stands here.
    fn tail(&mut self) -> Option<&mut Tail> {
        let place = self.open.last()?;
        let in_status = self.open.iter().rev().take(2).any(|place| *place == Place::Status);
        let case = self.case.as_mut()?;
        let printed = match case.elements.last_mut() {
            Some(element) if in_status => &mut element.printed,
            _ => &mut case.printed,
        };
        match place {
            Place::Status | Place::Trace => Some(&mut printed.text),
            Place::Out => Some(&mut printed.out),
            Place::Err => Some(&mut printed.err),
            Place::Suites | Place::Suite(_) | Place::Case | Place::Other => None,
        }
    }
}

/// The value of an attribute, however badly the others are written.
fn attribute(element: &BytesStart<'_>, name: &[u8]) -> Option<String> {
    let mut attributes = element.attributes();
    let found = attributes.with_checks(false).flatten().find(|attribute| attribute.key.as_ref() == name)?;
    Some(value::text(&found.value).into_owned())
}
