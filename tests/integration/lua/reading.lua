-- SPDX-License-Identifier: MIT
--
-- Reading from Lua: values and their types, tables, iteration, and what is raised or returned when something is wrong.
local cmreload = require "cmreload"
local support = require "support"
local equal, raises, fails = support.equal, support.raises, support.fails

local exact_integers = math.type ~= nil

local yaml = [[
server:
  host: example.com
  port: 8080
  tls: true
  ratio: 0.5
  nothing: null
  quoted: "8080"
  timeout: 1m30s
  memory: 10Mi
  level: warning
  share: 12.5%
  address: 2001:DB8:0::7
  network: 10.0.0.0/8
  mode: fast
  exact: 9007199254740992
  huge: 9007199254740993
  over: 18446744073709551615
  listen: [{port: 80}, {port: 443, names: [a, b]}]
  empty_list: []
  empty_map: {}
odd:
  "a.b": {"c d": {"\"e\\": [1, {"ü": 2}]}}
  "": 3
]]

local files = {
    ["app.yaml"] = yaml,
    ["list.json"] = '[1, {"a": [true]}]',
    ["game.properties"] = "lives=3\nenemies.cheat=on\nports=80, 443\nlimits=cpu=1s, io=20ms\n",
    ["note"] = "hello\n",
    ["raw"] = "a\0b",
}
local reloader = support.load(files)
local snapshot = reloader:snapshot()

local function get(key, ...)
    return snapshot:get("app.yaml#server." .. key, ...)
end

support.tests{
    "values have their own types", function()
        equal(get("host"), "example.com")
        equal(get("port"), 8080)
        equal(get("tls"), true)
        equal(get("ratio"), 0.5)
        equal(get("nothing"), cmreload.null)
        equal(get("quoted"), "8080")
        equal(snapshot:get("game.properties#lives"), "3")
        equal(snapshot:get("note"), "hello")
        equal(snapshot:get("raw"), "a\0b")
        equal(snapshot:type("app.yaml#server.port"), "int64")
        equal(snapshot:type("app.yaml#server.listen"), "list")
        equal(snapshot:type("app.yaml#server.nothing"), "null")
    end,

    "values are converted", function()
        equal(snapshot:get("game.properties#lives", "int64"), 3)
        equal(snapshot:get("game.properties#lives", "integer"), 3)
        equal(snapshot:get("game.properties#lives", "number"), 3)
        equal(snapshot:get("game.properties#enemies.cheat", "boolean"), true)
        equal(get("port", "string"), "8080")
        equal(get("timeout", "duration"), 90)
        equal(get("memory", "size"), 10485760)
        equal(get("level", "log_level"), "warn")
        equal(get("share", "percent"), 12.5)
        equal(get("address", "ip"), "2001:db8::7")
        equal(get("network", "cidr"), "10.0.0.0/8")
        equal(snapshot:get("note", "bytes"), "hello\n")
    end,

    "integers are exact", function()
        equal(get("exact"), 9007199254740992)
        equal(string.format("%.0f", get("exact")), "9007199254740992")
        equal(tostring(get("huge")), "9007199254740993")
        equal(type(get("huge")), exact_integers and "number" or "string")
        equal(get("over", "uint64"), "18446744073709551615")
        if exact_integers then
            equal(math.type(get("port")), "integer")
            equal(math.type(get("port", "double")), "float")
        end
    end,

    "enums give what stands for a name", function()
        equal(get("mode", {enum = {"slow", "fast"}}), "fast")
        equal(get("mode", {enum = {{"slow", 1}, {"fast", 2}}}), 2)
        equal(get("mode", {type = "enum", enum = {slow = 1, fast = snapshot, medium = 3}}), snapshot)
        fails("type", 'found the string "fast"; it is one of crawl, walk, zoom',
            get("mode", {enum = {zoom = 1, crawl = 2, walk = 3}}))
        raises("an enum is", get, "mode", {enum = {1}})
        raises("an enum is", get, "mode", {enum = {[true] = "fast"}})
        raises("no table of its names was given", snapshot.get, snapshot, "app.yaml#server.mode", "enum")
    end,

    "a default stands for what is absent, and for nothing else", function()
        equal(get("absent", "int64", 7), 7)
        equal(get("absent", nil, "x"), "x")
        equal(get("absent", "bool", false), false)
        fails("not_found", "app.yaml#server.prot: there is no such key; did you mean app.yaml#server.port?", get("prot"))
        fails("type", 'app.yaml:2:3: app.yaml#server.host: wanted int64, found the string "example.com"',
            get("host", "int64", 7))
        fails("range", "which is more than", get("over", "int64", 7))
    end,

    "lists and maps are tables", function()
        local server = get("listen")
        equal(#server, 2)
        equal(server[2].port, 443)
        equal(server[2].names[1], "a")
        equal(next(get("empty_list")), nil)
        equal(next(get("empty_map")), nil)
        local whole = snapshot:table("app.yaml")
        equal(whole.server.port, 8080)
        equal(whole.server.listen[1].port, 80)
        equal(whole.server.nothing, cmreload.null)
        equal(whole.odd["a.b"]["c d"]['"e\\'][2]["\195\188"], 2)
        equal(whole.odd[""], 3)
        equal(snapshot:table("list.json")[2].a[1], true)
        equal(snapshot:table("app.yaml#server.listen[1].names")[2], "b")
    end,

    "lists and maps in one text are tables too", function()
        equal(table.concat(snapshot:table("game.properties#ports", "int64"), "+"), "80+443")
        equal(snapshot:table("game.properties#limits", "duration").io, 0.02)
        equal(snapshot:get("game.properties#limits", {type = "map", item = "duration"}).cpu, 1)
        equal(snapshot:get("game.properties#ports", {type = "list", item = "integer"})[2], 443)
        equal(snapshot:table("game.properties")["enemies.cheat"], "on")
        fails("type", "item [0]: wanted bool", snapshot:table("game.properties#ports", "bool"))
        fails("type", "wanted a list, found a single value", snapshot:table("app.yaml#server.port"))
        fails("not_found", "there is no such key", snapshot:table("app.yaml#nothing"))
    end,

    "what a program does wrong is raised", function()
        raises("(app.yaml#..: malformed key, at its byte", snapshot.get, snapshot, "app.yaml#..")
        raises("unknown type 'integr'", get, "port", "integr")
        raises("unknown option 'itme'", get, "port", {type = "list", itme = "int64"})
        raises("it holds a NUL byte", get, "por\0t")
        raises("cmreload.snapshot expected, got table", snapshot.get, {}, "note")
        raises("cmreload.snapshot expected, got userdata", snapshot.get, reloader, "note")
        raises("cmreload.snapshot expected, got userdata", snapshot.get, io.stdout, "note")
        raises("malformed pattern", snapshot.pairs, snapshot, "app.yaml#[")
        raises("unknown option 'backgruond'", cmreload.open, ".", {backgruond = true})
        raises("option 'background': boolean expected, got number", cmreload.open, ".", {background = 1})
        raises("option 'kind' cannot be 'voulme'", cmreload.open, ".", {kind = "voulme"})
        raises("option 'boot' cannot be 'never'", cmreload.open, ".", {boot = "never"})
        raises("an option's name must be a string", cmreload.open, ".", {"x"})
        raises("is no count", cmreload.open, ".", {limits = {files = 1.5}})
        raises("do not fit", cmreload.open, ".", {formats = {{"*", "no such format"}}})
        raises("is a list of pairs", cmreload.open, ".", {formats = {"*"}})
        raises("a mount without a path", cmreload.open, ".", {mounts = {{name = "x"}}})
        raises("its name is taken", cmreload.open, ".", {name = "x", mounts = {{path = "x"}}})
        raises("table expected", cmreload.open, ".", {mounts = {"x"}})
    end,

    "iteration goes over what matches, and can be left", function()
        local seen = {}
        for key, value, mount, type in snapshot:pairs("app.yaml#server.listen.** note") do
            seen[#seen + 1] = key .. "=" .. tostring(value) .. ":" .. type
            equal(mount, "v1")
        end
        equal(table.concat(seen, " "), "app.yaml#server.listen[0].port=80:int64 app.yaml#server.listen[1].port=443:int64 "
            .. "app.yaml#server.listen[1].names[0]=a:string app.yaml#server.listen[1].names[1]=b:string note=hello:string")
        for _ = 1, 50 do
            for _ in snapshot:pairs() do
                break
            end
            raises("left", function()
                for _ in snapshot:pairs("**") do
                    error("left")
                end
            end)
        end
        local next_entry, cursor = snapshot:pairs("note")
        equal(next_entry(cursor), "note")
        equal(next_entry(cursor), nil)
        equal(next_entry(cursor), nil)
        raises("cmreload.cursor expected", next_entry, snapshot)
    end,

    "what is known of a snapshot", function()
        equal(snapshot:generation(), 1)
        assert(math.abs(os.time() - snapshot:loaded_at()) < 600)
        equal(snapshot:hash():match("^xxh3%-128:%x+$"), snapshot:hash())
        equal(snapshot:target():sub(1, 2), "..")
        fails("not_found", "no such mount", snapshot:hash("other"))
        equal(#snapshot:hash_keys("app.yaml#server.port"), #snapshot:hash())
        raises("bad argument", snapshot.hash_keys, snapshot, "#")
        equal(snapshot:is_secret(), false)
        equal(table.concat(snapshot:files(), " "), "app.yaml game.properties list.json note raw")
        fails("not_found", "no such mount", snapshot:files("other"))
        equal(tostring(snapshot), "cmreload.snapshot (generation 1)")
    end,

    "reading once", function()
        local volume = support.volume{["a.conf"] = "x=1\n", ["b.json"] = "{"}
        fails("rejected", "b.json:1:2: ", cmreload.read(volume))
        local _, _, _, diagnostics = cmreload.read(volume)
        equal(diagnostics[1].file, "b.json")
        equal(diagnostics[1].status, "syntax")
        local read = cmreload.read(volume, {formats = {{"*.conf", "properties"}, {"*.json", "text"}}})
        equal(read:get("a.conf#x"), "1")
        equal(read:generation(), 0)
        fails("not_found", "", cmreload.read("nowhere"))
        fails("rejected", "", cmreload.read(volume, {limits = {files = 1}}))
        raises("unknown option 'path'", cmreload.read, volume, {path = volume})
    end,

    "a directory, with files left out", function()
        support.run("mkdir plain && touch plain/a plain/b.bak")
        local read = cmreload.read("plain", {kind = "directory", ignore = {"*.bak"}})
        equal(table.concat(read:files(), " "), "a")
        raises("its items must be strings", cmreload.read, "plain", {ignore = {1}})
    end,

    "a closed snapshot is no more", function()
        local another = reloader:snapshot()
        local text = another:get("note")
        another:close()
        another:close()
        raises("the snapshot is closed", another.get, another, "note")
        equal(tostring(another), "cmreload.snapshot (closed)")
        equal(text, "hello")
    end,

    "the module", function()
        equal(cmreload.version:match("^%d+%.%d+%.%d+$"), cmreload.version)
        fails("not_found", "nginx's module of cmreload is not loaded", cmreload.nginx())
        equal(getmetatable(snapshot), false)
    end,
}
