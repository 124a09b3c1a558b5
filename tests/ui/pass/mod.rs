//! Programs that have to compile. Each is a module of the test program, compiled with it by
//! whatever compiler runs the tests; what can be run of it is a test.

mod foreign_preludes;
mod hostile_names;
mod readme;
mod send_and_clone;
