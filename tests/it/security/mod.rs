//! Every arrow between trust zones, from the side that must not get through.

mod exposure;
mod files;
mod grants;
mod instances;
mod keys;
mod manifest;
mod methods;
mod network;
mod oauth;
mod plugin_file;
mod principals;
mod record;
mod screening;
mod sealing;
mod secrets;
mod serving_files;
mod tls;
mod wall;
