//! Which server answers for which names, and whom the operator trusts. What is
//! set here is the operator's, not a caller's: it takes a right that nobody has
//! unless it was written.

use std::collections::BTreeSet;

use bulkhead_policy::Right;
use bulkhead_protocol::{Fault, Route};

use crate::{
    pipeline::{ask::Asker, dispatch::Stop},
    render::{LOCAL_SERVER, routing, trust_registry, unroutable},
};

impl Asker<'_> {
    /// As far as the caller may use what is behind a prefix. Only this server
    /// answers: no other is attached.
    pub(super) fn routing(&self) -> String {
        routing(self.id(), self.prefixes().iter().map(|prefix| &**prefix))
    }

    /// Checks the table against what there is. Since there is one server, all
    /// that it can say is what holds already.
    pub(super) fn set_routing(&self, routes: &[Route<'_>]) -> Result<String, Stop> {
        self.demand(&Right::Operator("routing".into()))?;
        let snapshot = self.snapshot();
        let mut seen = BTreeSet::new();
        for (position, Route { prefix, server }) in routes.iter().enumerate() {
            let served = snapshot.catalogue.plugins().iter().any(|plugin| plugin.prefix().as_str() == prefix);
            let wrong = match () {
                () if server != LOCAL_SERVER => "server",
                () if !served || !seen.insert(prefix) => "prefix",
                () => continue,
            };
            return Err(unroutable(position, wrong).into());
        }
        Ok(self.routing())
    }

    fn prefixes(&self) -> BTreeSet<String> {
        let snapshot = self.snapshot();
        let plugins = snapshot.catalogue.plugins().iter();
        let known = plugins.filter(|plugin| plugin.known_by().iter().any(|(kind, item)| self.may_see(*kind, item)));
        known.map(|plugin| plugin.prefix().as_str().to_owned()).collect()
    }

    pub(super) fn trust_registry(&self) -> Result<String, Fault> {
        self.demand(&Right::Operator("trust".into()))?;
        let (terms, trust) = (self.host.terms.load(), self.host.trust.load());
        Ok(trust_registry(self.id(), &terms.servers, &trust, &self.snapshot()))
    }
}
