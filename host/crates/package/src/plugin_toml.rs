//! `plugin.toml`: what an author writes beside the source.

use std::path::PathBuf;

use bulkhead_base::{PluginName, Prefix};
use semver::Version;
use serde::Deserialize;

use crate::{
    json::JsonError,
    limits::MAX_PLUGIN_TOML_BYTES,
    requests::{
        ConfigRequest, EnvRequest, FsRequest, HttpRequest, Need, RequestedLimits, Requests, SecretRequest, TcpRequest,
    },
};

/// A `plugin.toml` that is refused.
#[derive(Debug, thiserror::Error)]
pub enum PluginTomlError {
    #[error("larger than {MAX_PLUGIN_TOML_BYTES} bytes")]
    TooLarge,
    #[error("{0}")]
    Shape(#[from] toml::de::Error),
    #[error("under [asks], {0}")]
    Asks(#[from] JsonError),
}

/// What an author says about a plugin.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PluginToml {
    pub name: PluginName,
    /// The source's own version (`Cargo.toml`) when absent.
    #[serde(default)]
    pub version: Option<Version>,
    #[serde(default)]
    pub description: String,
    /// A display string: who the author is.
    #[serde(default)]
    pub publisher: String,
    /// What `bulkhead dev` puts before the tools' names; the plugin's name
    /// when absent. No part of the file: an operator chooses prefixes.
    #[serde(default)]
    pub prefix: Option<Prefix>,
    #[serde(default)]
    asks: Asks,
    #[serde(default)]
    limits: RequestedLimits,
    #[serde(default)]
    build: BuildNeeds,
}

/// What building the source takes besides its language's own tools. No part of
/// the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BuildNeeds {
    /// Folders of other people's headers, for C.
    pub headers: Vec<PathBuf>,
    /// How what is needed comes, for people: `apt install libstb-dev`.
    pub needs: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Asks {
    fs: Vec<FsRequest>,
    http: Vec<HttpRequest>,
    tcp: Vec<TcpRequest>,
    env: Vec<EnvRequest>,
    secrets: Vec<SecretRequest>,
    config: Vec<ConfigRequest>,
    kv: Option<Need>,
    #[serde(rename = "fine-clock")]
    fine_clock: Option<Need>,
}

impl PluginToml {
    /// Reads the text of a `plugin.toml`.
    ///
    /// # Errors
    /// It is no TOML, has an unknown key, or asks for something that cannot be.
    pub fn parse(text: &str) -> Result<Self, PluginTomlError> {
        if text.len() > MAX_PLUGIN_TOML_BYTES {
            return Err(PluginTomlError::TooLarge);
        }
        let plugin: Self = toml::from_str(text)?;
        plugin.requests().check()?;
        Ok(plugin)
    }

    /// What building it takes.
    #[must_use]
    pub const fn build(&self) -> &BuildNeeds {
        &self.build
    }

    /// What the plugin asks for.
    #[must_use]
    pub fn requests(&self) -> Requests {
        let Asks { fs, http, tcp, env, secrets, config, kv, fine_clock } = self.asks.clone();
        Requests { fs, http, tcp, env, secrets, config, kv, fine_clock, limits: self.limits.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_author_writes_what_an_operator_reads() {
        let text = r#"
            name = "weather"
            version = "1.2.0"
            description = "Weather by place"
            publisher = "Acme"
            prefix = ""

            [[asks.http]]
            host = "api.open-meteo.com"
            methods = ["GET"]
            paths = ["/v1/*"]
            why = "the forecast itself"

            [[asks.fs]]
            at = "/data"
            access = "write"

            [asks.kv]
            why = "remembers places"

            [limits]
            memory = "32MiB"
            time = "5s"
        "#;
        let plugin = PluginToml::parse(text).unwrap();
        let requests = plugin.requests();
        assert_eq!(requests.http[0].paths, ["/v1/*"]);
        assert_eq!(requests.kv.unwrap().why, "remembers places");
        assert_eq!(requests.limits.memory, Some(bulkhead_base::ByteSize::mib(32)));
        assert_eq!(plugin.prefix.unwrap().as_str(), "");
    }

    #[test]
    fn a_misspelt_key_is_an_error_that_names_it() {
        for (text, part) in [
            ("name = \"a\"\nversoin = \"1.0.0\"", "versoin"),
            ("name = \"a\"\n[[asks.htttp]]\nhost = \"a\"", "htttp"),
            ("name = \"A b\"", "is not a name"),
            ("name = \"a\"\n[[asks.fs]]\nat = \"data\"", "/fs/0/at"),
        ] {
            let told = PluginToml::parse(text).unwrap_err().to_string();
            assert!(told.contains(part), "{told}");
        }
    }
}
