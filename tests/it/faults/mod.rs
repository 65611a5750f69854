//! A plugin's failure changes its own answer only.

mod isolation;
mod limits;
mod listings;
mod upstreams;
