//! A plugin's failure changes its own answer only.

mod floods;
mod isolation;
mod limits;
mod listings;
mod slowness;
mod upstreams;
