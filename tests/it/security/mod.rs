//! Every arrow between trust zones, from the side that must not get through.

mod files;
mod grants;
mod manifest;
mod methods;
mod network;
mod oauth;
mod plugin_file;
mod principals;
mod screening;
mod sealing;
mod serving_files;
mod wall;
