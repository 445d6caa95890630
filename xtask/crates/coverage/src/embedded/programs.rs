//! The counters of each program, added up over its profiles.
//!
//! A program writes the same records in the same order each time. So they are read and understood once; of each
//! further profile only the counters are read, and added as one run of numbers.

use std::{
    io::{Read, Seek, SeekFrom},
    ops::Range,
};

use super::{
    fault::Fault,
    profile::{HEADER, Machine, Profile, Record},
};

/// The profiles of one program, added up.
#[derive(Debug)]
pub(super) struct Program {
    /// The ids of the program, its records and how to read them.
    ids: Vec<u8>,
    data: Vec<u8>,
    machine: Machine,
    has_values: bool,
    /// What the records say.
    pub(super) records: Vec<Record>,
    /// The counters of all functions.
    pub(super) sums: Vec<u64>,
}

/// The profiles of several programs.
#[derive(Debug, Default)]
pub(super) struct Programs {
    pub(super) list: Vec<Program>,
    /// How many profiles were added.
    pub(super) profiles: usize,
    /// What was wrong with files, by their number.
    pub(super) faults: Vec<(usize, Fault)>,
    counters: Vec<u8>,
}

impl Programs {
    /// Adds all profiles of a file: one, or several, one behind the other with zeros in between.
    pub(super) fn add_file(&mut self, mut file: impl Read + Seek) -> Result<(), Fault> {
        let length = file.seek(SeekFrom::End(0))?;
        if length == 0 {
            return Err(Fault::damaged(0, "the file is empty"));
        }
        let mut at = 0;
        while at < length {
            if length - at < HEADER as u64 {
                return Err(Fault::Damaged { offset: at, what: "the header of a profile is cut off".into() });
            }
            let mut header = [0; HEADER];
            file.seek(SeekFrom::Start(at))?;
            file.read_exact(&mut header)?;
            let profile = Profile::new(&header, at, length)?;
            at = self.add(&profile, &mut file)?;
            self.profiles += 1;
            if at < length {
                at += zeros(&mut file, at)?;
            }
        }
        Ok(())
    }

    /// Adds a profile, and says where it ends.
    fn add(&mut self, profile: &Profile, file: &mut (impl Read + Seek)) -> Result<u64, Fault> {
        let ids = read(file, &profile.ids, Vec::new())?;
        let mut counters = std::mem::take(&mut self.counters);
        counters = read(file, &profile.counters, counters)?;
        // The linker's id is a hash of the program. Without one the records tell programs apart.
        let size = profile.data.end - profile.data.start;
        let same = |program: &Program| {
            !ids.is_empty()
                && program.ids == ids
                && program.machine == profile.machine
                && program.data.len() as u64 == size
                && program.sums.len() == counters.len() / 8
        };
        let index = match self.list.iter().position(same) {
            Some(index) => index,
            None => self.program(profile, file, ids, counters.len() / 8)?,
        };
        let Some(program) = self.list.get_mut(index) else { return Ok(profile.values) };
        // Values first: a profile whose end is not found is not counted.
        let mut end = profile.values;
        if program.has_values {
            let values = read(file, &(end..u64::MAX), Vec::new())?;
            end += program.machine.values_size(&program.data, &values).map_err(|fault| fault.behind(end))?;
        }
        program.add(&counters);
        self.counters = counters;
        Ok(end)
    }

    /// The number of the program that wrote a profile, which may be new.
    fn program(
        &mut self,
        profile: &Profile,
        file: &mut (impl Read + Seek),
        ids: Vec<u8>,
        counters: usize,
    ) -> Result<usize, Fault> {
        let machine = profile.machine;
        let data = read(file, &profile.data, Vec::new())?;
        let same = |program: &Program| {
            program.machine == machine && program.sums.len() == counters && program.data == data
        };
        if let Some(index) = self.list.iter().position(same) {
            return Ok(index);
        }
        let records = machine.records(&data, counters).collect::<Result<_, Fault>>();
        let records = records.map_err(|fault| fault.behind(profile.data.start))?;
        let has_values = machine.has_values(&data);
        self.list.push(Program { ids, data, machine, has_values, records, sums: vec![0; counters] });
        Ok(self.list.len() - 1)
    }
}

impl Program {
    fn add(&mut self, counters: &[u8]) {
        let numbers = counters.chunks_exact(8).map(|number| self.machine.order.u64(number));
        self.sums.iter_mut().zip(numbers).for_each(|(sum, more)| *sum = sum.saturating_add(more));
    }

    /// The counters of a function.
    pub(super) fn counters(&self, record: &Record) -> &[u64] {
        self.sums.get(record.first..record.first + record.count).unwrap_or_default()
    }
}

/// Reads a part of a file, or what there is of it, into a buffer.
fn read(file: &mut (impl Read + Seek), part: &Range<u64>, mut buffer: Vec<u8>) -> Result<Vec<u8>, Fault> {
    buffer.clear();
    if !part.is_empty() {
        file.seek(SeekFrom::Start(part.start))?;
        file.take(part.end - part.start).read_to_end(&mut buffer)?;
    }
    Ok(buffer)
}

/// How many zeros follow.
fn zeros(file: &mut (impl Read + Seek), at: u64) -> Result<u64, Fault> {
    let rest = read(file, &(at..u64::MAX), Vec::new())?;
    Ok(rest.iter().take_while(|byte| **byte == 0).count() as u64)
}

#[cfg(test)]
mod tests;
