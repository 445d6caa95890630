//! Rights are given up, for good.

use std::io;

use rustix::io::Errno;
use rustix::process::{Gid, Uid};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set, remove_capability_from_bounding_set,
    set_capabilities, set_no_new_privs, set_thread_gid, set_thread_groups, set_thread_uid,
};

use super::order::Order;

/// Becomes the user of the order, without a capability and without a way to one. This process has one thread: what is
/// said of threads there is true of it.
pub(super) fn drop_all(order: &Order) -> io::Result<()> {
    clear_ambient_capability_set()?;
    for number in 0..u64::BITS {
        match remove_capability_from_bounding_set(CapabilitySet::from_bits_retain(1 << number)) {
            // The kernel has no more of them.
            Err(Errno::INVAL) => break,
            done => done?,
        }
    }
    if order.as_root {
        set_thread_groups(&[])?;
        set_thread_gid(Gid::from_raw(order.user.gid))?;
        set_thread_uid(Uid::from_raw(order.user.uid))?;
    }
    set_no_new_privs(true)?;
    let none = CapabilitySet::empty();
    set_capabilities(None, CapabilitySets { effective: none, permitted: none, inheritable: none })?;
    Ok(())
}
