//! Clients of the fake that lose no time.

use std::time::Duration;

use xtask::kit::secret::Secret;
use xtask::tools::github::{Address, GitHub, Login, Patience};
use xtask::tools::interrupt::Interrupt;
use xtask::tools::variables::Variables;

use crate::fake::{Fake, REPOSITORY};

/// Four attempts with short pauses, for which nobody waits long.
pub(crate) const QUICK: Patience = Patience {
    attempts: 4,
    pause: Duration::from_millis(1),
    unsaid: Duration::from_millis(2),
    between_writes: Duration::ZERO,
    give_way: Duration::from_millis(20),
    longest_wait: Duration::from_secs(3),
    request: Duration::from_secs(5),
    total: Duration::from_secs(30),
    requests: 300,
};

pub(crate) fn client(fake: &Fake, token: &str) -> GitHub {
    patient(fake, token, QUICK)
}

pub(crate) fn patient(fake: &Fake, token: &str, patience: Patience) -> GitHub {
    let env = Variables::from([("GITHUB_API_URL".to_owned(), fake.address())]);
    let login = Login { token: Secret::new(token), origin: "a test" };
    let repository = REPOSITORY.parse().unwrap();
    GitHub::open(&Address::of(&env).unwrap(), Some(&login), repository, patience, Interrupt::default())
        .unwrap()
}
