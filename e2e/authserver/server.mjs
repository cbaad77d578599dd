// A real Better Auth server for the tests, in memory and for this machine alone. It prints {"listening": its address}.
// Everything under /api/auth is Better Auth's own. GET /mails shows what it would have sent: [{to, token}].
//
// BETTER_AUTH_SECRET, BETTER_AUTH_SECRETS   read by Better Auth itself
// PORT     0, the default, takes a free one
// ALG      EdDSA (default), Ed25519, ES256, ES384, ES512, RS256, PS256: the jwt() plugin, with keys at /api/auth/jwks
//          HS256-shared-secret: the jwt() plugin with a jwt.sign that uses the secret
//          cookie-jwt, cookie-jwks: a session cookie that is a JWT, signed with the secret or with a key of the set
// JWT_TTL  such as 15m; ROTATION, GRACE: seconds; ID_KIND: serial or uuid
// SECURE   1: cookies as under https
// ADMIN    1: the admin() plugin, for which the user with the id 1 is one: with ID_KIND=serial, who signs up first
// TASKHOLD_ADMIN_URL, TASKHOLD_ADMIN_TOKEN   where a deleted user is told of, and with what
import { createServer } from "node:http";
import { betterAuth } from "better-auth";
import { memoryAdapter } from "better-auth/adapters/memory";
import { toNodeHandler } from "better-auth/node";
import { admin, bearer, jwt } from "better-auth/plugins";
import { SignJWT } from "jose";

const { ADMIN, ALG = "EdDSA", BETTER_AUTH_SECRET, GRACE, HOST = "127.0.0.1", ID_KIND, JWT_TTL, PORT = "0", ROTATION, SECURE } = process.env;
const keyAlgorithms = ["EdDSA", "Ed25519", "ES256", "ES384", "ES512", "RS256", "PS256"];
const cookieModes = ["cookie-jwt", "cookie-jwks"];
if (![...keyAlgorithms, ...cookieModes, "HS256-shared-secret"].includes(ALG)) throw new Error(`unknown ALG ${ALG}`);

const signWithSecret = (payload) =>
  new SignJWT(payload).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(new TextEncoder().encode(BETTER_AUTH_SECRET));

function jwtPlugin(baseURL) {
  const life = JWT_TTL && { expirationTime: JWT_TTL };
  if (ALG === "HS256-shared-secret") {
    // Better Auth demands another place for the keys of a signer that is not its own.
    const jwks = { remoteUrl: `${baseURL}/no-keys.json`, keyPairConfig: { alg: "ES256" } };
    return jwt({ jwks, jwt: { ...life, sign: signWithSecret } });
  }
  return jwt({
    sessionCookieCache: ALG === "cookie-jwks" || undefined,
    jwks: {
      keyPairConfig: { alg: keyAlgorithms.includes(ALG) ? ALG : "EdDSA" },
      ...(ROTATION && { rotationInterval: Number(ROTATION) }),
      ...(GRACE && { gracePeriod: Number(GRACE) }),
    },
    jwt: { ...life },
  });
}

// As in the README of the program, word for word.
const erasing = {
  databaseHooks: {
    user: { delete: { after: async (user) => {
      const reply = await fetch(`${process.env.TASKHOLD_ADMIN_URL}/internal/users/${encodeURIComponent(user.id)}/erase`, {
        method: "POST",
        headers: { authorization: `Bearer ${process.env.TASKHOLD_ADMIN_TOKEN}` },
      });
      if (!reply.ok) throw new Error(`Taskhold did not erase the user: ${reply.status}`);
    } } },
  },
};

const mails = [];
const makeAuth = (baseURL) =>
  betterAuth({
    appName: "taskhold tests",
    baseURL,
    telemetry: { enabled: false },
    rateLimit: { enabled: false },
    database: memoryAdapter({ user: [], session: [], account: [], verification: [], jwks: [] }),
    emailAndPassword: { enabled: true },
    emailVerification: {
      sendOnSignUp: true,
      sendVerificationEmail: async ({ user, token }) => { mails.push({ to: user.email, token }); },
    },
    user: { deleteUser: { enabled: true } },
    ...erasing,
    session: cookieModes.includes(ALG) ? { cookieCache: { enabled: true, strategy: "jwt" } } : {},
    advanced: { ...(ID_KIND && { database: { generateId: ID_KIND } }), ...(SECURE && { useSecureCookies: true }) },
    plugins: [bearer(), jwtPlugin(baseURL), ...(ADMIN ? [admin({ adminUserIds: ["1"] })] : [])],
  });

// Better Auth has to know its address, and that is known once the server listens.
const server = createServer();
server.listen(Number(PORT), HOST, () => {
  const baseURL = `http://${HOST}:${server.address().port}`;
  const handle = toNodeHandler(makeAuth(baseURL));
  server.on("request", (request, response) => {
    if (request.url === "/mails") return response.setHeader("Content-Type", "application/json").end(JSON.stringify(mails));
    return handle(request, response);
  });
  console.log(JSON.stringify({ listening: baseURL }));
});
