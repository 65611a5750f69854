// Resources: one that always exists, and a family.

import { notFound, resource, template } from "bulkhead-sdk";

const STOPS = ["1", "2", "3", "4", "5"];

export const facts = resource(
  { uri: "tour://facts", name: "facts", description: "What there is to know about the tour.", mimeType: "text/plain" },
  () => "The tour has five stops.",
);

export const stop = template(
  { uriTemplate: "tour://stops/{n}", name: "stop", description: "One stop of the tour.", mimeType: "text/plain" },
  ({ n }, _, uri) => {
    if (!STOPS.includes(n)) throw notFound(`there is no resource "${uri}"`);
    return `Stop ${n} of ${STOPS.length}.`;
  },
);
