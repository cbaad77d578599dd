"use strict";

// Every reply has much the same headers: they are folded away, or they would hide what differs.
const foldHeaders = () => ({
  wrapComponents: {
    headers: (Headers, { React }) => (props) =>
      React.createElement("details", { className: "headers" }, React.createElement("summary", null, "Headers"), React.createElement(Headers, props)),
  },
});

// The token is kept in the page alone (persistAuthorization is off), the address of the document is fixed (no ?url=),
// and no validator elsewhere is asked.
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#docs",
  presets: [SwaggerUIBundle.presets.apis],
  plugins: [foldHeaders],
  layout: "BaseLayout",
  deepLinking: true,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  queryConfigEnabled: false,
  validatorUrl: null,
});
