// Run once by the image, as root, on an empty data directory: the backend's role and its user.
const fs = require("fs");
const city = db.getSiblingDB("yikatong");
city.runCommand(JSON.parse(fs.readFileSync("/etc/yikatong/roles.json", "utf8")));
city.createUser({
  user: "backend",
  pwd: fs.readFileSync("/run/secrets/mongo.backend", "utf8").trim(),
  roles: ["yikatong_server"],
});
