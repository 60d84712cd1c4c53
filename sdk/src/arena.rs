//! Memory for one call.
//!
//! A call gets a fresh instance that is gone when it ends, so almost nothing has to be
//! given back: allocations are cut from a region that is part of the component's memory
//! from the start. A memory that never grows is also one whose protection the host never
//! has to change, which would cost more than the mapping itself.
#![allow(unsafe_code, reason = "an allocator hands out raw memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::{Cell, UnsafeCell};
use std::ptr::{self, NonNull};

/// Enough for the mapping of some hundred kilobytes of JSON; what is more is the system's.
const SIZE: usize = 768 << 10;
/// No allocation here is aligned more strictly.
const ALIGNMENT: usize = 16;

#[repr(align(16))]
struct Region(UnsafeCell<[u8; SIZE]>);

/// Cuts from the front of a region, takes back only what was cut last.
struct Arena {
    region: Region,
    used: Cell<usize>,
}

// SAFETY: a component's memory is not shared, and it has one thread.
unsafe impl Sync for Arena {}

#[cfg_attr(target_family = "wasm", global_allocator)]
#[cfg_attr(not(target_family = "wasm"), allow(dead_code, reason = "natively the system's allocator serves"))]
static ARENA: Arena = Arena { region: Region(UnsafeCell::new([0; SIZE])), used: Cell::new(0) };

impl Arena {
    fn start(&self) -> *mut u8 {
        self.region.0.get().cast()
    }

    /// Where in the region an address is; none for one of the system's.
    fn place(&self, address: *mut u8) -> Option<usize> {
        (address as usize).checked_sub(self.start() as usize).filter(|place| *place < SIZE)
    }

    fn cut(&self, layout: Layout) -> Option<NonNull<u8>> {
        if layout.align() > ALIGNMENT {
            return None;
        }
        let place = self.used.get().checked_next_multiple_of(layout.align())?;
        let end = place.checked_add(layout.size()).filter(|end| *end <= SIZE)?;
        self.used.set(end);
        // SAFETY: the place is within the region.
        NonNull::new(unsafe { self.start().add(place) })
    }

    /// Whether it is the last one that was cut.
    fn is_last(&self, place: usize, layout: Layout) -> bool {
        place + layout.size() == self.used.get()
    }
}

// SAFETY: what is cut is within the region, aligned, and not cut again before it was given
// back; everything else is the system's.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match self.cut(layout) {
            Some(address) => address.as_ptr(),
            // SAFETY: the caller's layout.
            None => unsafe { System.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, address: *mut u8, layout: Layout) {
        match self.place(address) {
            Some(place) if self.is_last(place, layout) => self.used.set(place),
            Some(_) => {}
            // SAFETY: it is none of the region's, so it was the system's.
            None => unsafe { System.dealloc(address, layout) },
        }
    }

    unsafe fn realloc(&self, address: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(place) = self.place(address) else {
            // SAFETY: it is none of the region's, so it was the system's.
            return unsafe { System.realloc(address, layout, size) };
        };
        if self.is_last(place, layout) && place.checked_add(size).is_some_and(|end| end <= SIZE) {
            self.used.set(place + size);
            return address;
        }
        if size <= layout.size() {
            return address;
        }
        // SAFETY: the caller's alignment and a size that is not zero; what is copied is in
        // both, and they do not overlap.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                ptr::copy_nonoverlapping(address, new, layout.size());
            }
            new
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).unwrap()
    }

    fn arena() -> Box<Arena> {
        // SAFETY: zeros are an empty arena.
        unsafe { Box::<Arena>::new_zeroed().assume_init() }
    }

    #[test]
    fn allocations_are_aligned_and_apart() {
        let arena = arena();
        // SAFETY: layouts of allocations that are live.
        unsafe {
            let (a, b) = (arena.alloc(layout(3, 1)), arena.alloc(layout(8, 8)));
            assert_eq!(b as usize % 8, 0);
            assert!(b as usize >= a as usize + 3);
            arena.dealloc(a, layout(3, 1));
            assert_ne!(arena.alloc(layout(3, 1)), a, "only the last one is taken back");
        }
    }

    #[test]
    fn the_last_one_grows_in_place_and_is_taken_back() {
        let arena = arena();
        // SAFETY: layouts of allocations that are live.
        unsafe {
            let a = arena.alloc(layout(10, 1));
            a.write_bytes(7, 10);
            assert_eq!(arena.realloc(a, layout(10, 1), 1000), a);
            let b = arena.alloc(layout(1, 1));
            let c = arena.realloc(a, layout(1000, 1), 2000);
            assert_ne!(c, a);
            assert_eq!((c.read(), c.add(9).read()), (7, 7));
            arena.dealloc(c, layout(2000, 1));
            assert_eq!(arena.alloc(layout(5, 1)), c);
            assert_eq!(b as usize, a as usize + 1000);
        }
    }

    #[test]
    fn what_does_not_fit_is_the_systems() {
        let arena = arena();
        // SAFETY: layouts of allocations that are live.
        unsafe {
            let large = arena.alloc(layout(SIZE + 1, 8));
            assert!(!large.is_null() && arena.place(large).is_none());
            let large = arena.realloc(large, layout(SIZE + 1, 8), SIZE * 2);
            arena.dealloc(large, layout(SIZE * 2, 8));
            let strict = arena.alloc(layout(64, 64));
            assert!(arena.place(strict).is_none());
            arena.dealloc(strict, layout(64, 64));
            assert_eq!(arena.used.get(), 0);
        }
    }
}
