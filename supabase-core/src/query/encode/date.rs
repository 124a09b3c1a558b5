//! The digits of dates and times.

use chrono::{Datelike, NaiveDate};

/// A number's last two digits.
#[inline]
pub(super) fn pair(number: u32) -> &'static str {
    const PAIRS: &str = "\
        00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748\
        495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899";
    let at = 2 * (number % 100) as usize;
    &PAIRS[at..at + 2]
}

/// Appends a date of a year with at most four digits.
#[inline]
pub(super) fn push_date(out: &mut String, date: NaiveDate) {
    let year = date.year().unsigned_abs();
    out.push_str(pair(year / 100));
    out.push_str(pair(year));
    out.push('-');
    out.push_str(pair(date.month()));
    out.push('-');
    out.push_str(pair(date.day()));
}
