// A front end as many have it: plain fetch, a token from Better Auth, and tasks
// from another origin. ?api= is that origin, ?credentials= what fetch sends.
const query = new URLSearchParams(location.search);
const api = `${query.get("api")}/api`;
const credentials = query.get("credentials");
let session;

async function signIn() {
  const form = { name: "Ann", email: query.get("email"), password: "correct horse battery" };
  const post = (path) => fetch(`/api/auth/${path}`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(form),
  });
  let reply = await post("sign-in/email");
  if (!reply.ok) reply = await post("sign-up/email");
  const { user } = await reply.json();
  const { token } = await (await fetch("/api/auth/token")).json();
  session = { user: user.id, token };
}

async function call(method, path, body) {
  const reply = await fetch(`${api}/${session.user}/tasks${path}`, {
    method, credentials,
    headers: { Authorization: `Bearer ${session.token}`, "Content-Type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (reply.status === 204) return undefined;
  const answer = await reply.json();
  if (!reply.ok) throw new Error(answer.detail);
  return answer;
}

// act shows what went wrong, or the list as it is then.
async function act(work) {
  document.querySelector("#error").textContent = "";
  try {
    await work();
    show(await call("GET", ""));
  } catch (error) {
    document.querySelector("#error").textContent = error.message;
  }
}

function show(tasks) {
  document.querySelector("#tasks").replaceChildren(...tasks.map((task) => {
    const row = document.createElement("li");
    const button = (name, work) => {
      const b = document.createElement("button");
      b.textContent = name;
      b.onclick = () => act(work);
      return b;
    };
    const done = Object.assign(document.createElement("input"), { type: "checkbox", checked: task.completed });
    done.onchange = () => act(() => call("PATCH", `/${task.id}/complete`));
    row.append(
      done, Object.assign(document.createElement("span"), { textContent: task.title }),
      button("Rename", () => call("PUT", `/${task.id}`, { title: `${task.title}, renamed` })),
      button("Delete", () => call("DELETE", `/${task.id}`)),
    );
    return row;
  }));
}

document.querySelector("#new").onsubmit = (event) => {
  event.preventDefault();
  const { title, dueDate } = event.target.elements;
  act(() => call("POST", "", { title: title.value, description: "", dueDate: dueDate.value }));
};

await signIn();
await act(() => {});
document.querySelector("#new button").disabled = false;
