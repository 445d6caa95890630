//! What a Rust file says of other files: its `mod` lines and every path that it names.

use super::tokens::{Kind, Token, tokens};

/// Whether code is compiled for tests only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum For {
    Users,
    Tests,
}

/// A path that the file names: `crate::model::step::Step`.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
    /// The modules inside the file that it stands in.
    pub(crate) inside: Vec<String>,
    pub(crate) purpose: For,
    /// It is handed on: the name that it gets here.
    pub(crate) handed_on: Option<String>,
}

/// A file as far as the checks need it.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) tokens: Vec<Token>,
    /// Modules that lie in files of their own.
    pub(crate) modules: Vec<(String, For)>,
    pub(crate) named: Vec<Named>,
}

/// Reads a file.
pub(crate) fn read(text: &str) -> Code {
    let tokens = tokens(text);
    let mut reader = Reader { at: 0, inside: Vec::new(), depth: 0, tests_until: 0, tokens: &tokens };
    let (mut modules, mut named) = (Vec::new(), Vec::new());
    while reader.at < tokens.len() {
        reader.step(&mut modules, &mut named);
    }
    Code { tokens, modules, named }
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    /// Modules inside the file, with the depth of their braces.
    inside: Vec<(String, usize)>,
    depth: usize,
    /// Words before this one are for tests.
    tests_until: usize,
}

impl Reader<'_> {
    fn is(&self, ahead: usize, text: &str) -> bool {
        self.tokens.get(self.at + ahead).is_some_and(|token| token.is(text))
    }

    fn name(&self, ahead: usize) -> Option<&str> {
        self.tokens.get(self.at + ahead).and_then(Token::name)
    }

    fn purpose(&self) -> For {
        if self.at < self.tests_until { For::Tests } else { For::Users }
    }

    fn step(&mut self, modules: &mut Vec<(String, For)>, named: &mut Vec<Named>) {
        let attribute = ["#", "[", "cfg", "(", "test", ")", "]"];
        if attribute.iter().enumerate().all(|(ahead, text)| self.is(ahead, text)) {
            self.tests_until = self.tests_until.max(self.end_of_item(self.at + attribute.len()));
            self.at += attribute.len();
        } else if self.is(0, "mod") && self.name(1).is_some() {
            let name = self.name(1).unwrap().to_owned();
            if self.is(2, ";") {
                modules.push((name, self.purpose()));
            } else {
                self.inside.push((name, self.depth));
            }
            self.at += 2;
        } else if self.is(0, "use") {
            self.import(named);
        } else if self.name(0).is_some() && self.is(1, "::") && !self.follows("::") {
            self.inline(named);
        } else {
            if self.is(0, "{") {
                self.depth += 1;
            }
            if self.is(0, "}") {
                self.depth = self.depth.saturating_sub(1);
                if self.inside.last().is_some_and(|(_, depth)| *depth == self.depth) {
                    self.inside.pop();
                }
            }
            self.at += 1;
        }
    }

    fn follows(&self, text: &str) -> bool {
        self.at > 0 && self.tokens[self.at - 1].is(text)
    }

    /// Behind the `;` or the closing brace of the item that begins here.
    fn end_of_item(&self, start: usize) -> usize {
        let mut depth = 0_usize;
        for (place, token) in self.tokens.iter().enumerate().skip(start) {
            if token.is("{") || token.is("(") || token.is("[") {
                depth += 1;
            }
            if token.is("}") || token.is(")") || token.is("]") {
                depth = depth.saturating_sub(1);
            }
            if depth == 0 && (token.is(";") || token.is("}")) {
                return place + 1;
            }
        }
        self.tokens.len()
    }

    fn inside(&self) -> Vec<String> {
        self.inside.iter().map(|(name, _)| name.clone()).collect()
    }

    fn inline(&mut self, named: &mut Vec<Named>) {
        let (line, purpose) = (self.tokens[self.at].line, self.purpose());
        let mut path = vec![self.name(0).unwrap().to_owned()];
        while self.is(1, "::") && self.name(2).is_some() {
            path.push(self.name(2).unwrap().to_owned());
            self.at += 2;
        }
        self.at += 1;
        named.push(Named { path, line, inside: self.inside(), purpose, handed_on: None });
    }

    /// `use a::{b, c::{d as e, *}};`, each of its paths.
    fn import(&mut self, named: &mut Vec<Named>) {
        let public = self.follows("pub") || (self.follows(")") && self.is_restricted());
        let (line, purpose, inside) = (self.tokens[self.at].line, self.purpose(), self.inside());
        let end = self.end_of_import();
        let words = &self.tokens[self.at + 1..end];
        for (mut path, alias) in branches(words) {
            if path.last().is_some_and(|last| last == "self") {
                path.pop();
            }
            let handed_on = public.then(|| alias.or_else(|| path.last().cloned())).flatten();
            named.push(Named { path, line, inside: inside.clone(), purpose, handed_on });
        }
        self.at = end;
    }

    /// `pub(crate)` and the like.
    fn is_restricted(&self) -> bool {
        self.tokens[..self.at].iter().rev().take(5).any(|token| token.is("pub"))
    }

    fn end_of_import(&self) -> usize {
        let end = self.tokens[self.at..].iter().position(|token| token.is(";"));
        end.map_or(self.tokens.len(), |end| self.at + end)
    }
}

/// The paths of a `use` tree, each with its alias.
fn branches(words: &[Token]) -> Vec<(Vec<String>, Option<String>)> {
    let (mut found, mut stack, mut path) = (Vec::new(), Vec::new(), Vec::<String>::new());
    let (mut alias, mut open) = (None, true);
    let base = |stack: &Vec<Vec<String>>| stack.last().cloned().unwrap_or_default();
    for (place, word) in words.iter().enumerate() {
        match &word.kind {
            Kind::Name(name) if name == "as" => {}
            Kind::Name(name) if place > 0 && words[place - 1].is("as") => alias = Some(name.clone()),
            Kind::Name(name) => path.push(name.clone()),
            Kind::Sign("*") => path.push("*".to_owned()),
            Kind::Sign("{") => stack.push(path.clone()),
            Kind::Sign("," | "}") => {
                if open && path.len() > base(&stack).len() {
                    found.push((path, alias.take()));
                }
                open = word.is(",");
                if word.is("}") {
                    stack.pop();
                }
                path = base(&stack);
            }
            _ => {}
        }
    }
    if open && !path.is_empty() {
        found.push((path, alias));
    }
    found
}

#[cfg(test)]
fn paths(text: &str) -> Vec<String> {
    read(text).named.iter().map(|named| named.path.join("::")).collect()
}

#[test]
fn a_tree_of_imports_is_each_of_its_paths() {
    let text = "use crate::a::{b::{self, C as D}, e};\npub use f::*;\nuse g;";
    assert_eq!(paths(text), ["crate::a::b", "crate::a::b::C", "crate::a::e", "f::*", "g"]);
    let text = "use a::{b::{c, d}, e::{f}, };";
    assert_eq!(paths(text), ["a::b::c", "a::b::d", "a::e::f"]);
}

#[test]
fn paths_in_code_are_seen_and_tests_are_told_apart() {
    let code =
        read("fn f() { crate::a::b() }\n#[cfg(test)]\nmod tests {\n    use super::c;\n}\nmod d;\ne::f!();");
    let seen: Vec<_> = code.named.iter().map(|n| (n.path.join("::"), n.inside.len(), n.purpose)).collect();
    let expected = [
        ("crate::a::b".to_owned(), 0, For::Users),
        ("super::c".to_owned(), 1, For::Tests),
        ("e::f".to_owned(), 0, For::Users),
    ];
    assert_eq!(seen, expected);
    assert_eq!(code.modules, [("d".to_owned(), For::Users)]);
}
