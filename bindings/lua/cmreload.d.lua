---@meta cmreload
-- SPDX-License-Identifier: MIT
-- Made by document.py of the comments in the sources: change those.

---What values are asked for as.
---@class cmreload.Shape
---@field type? string `"int64"`, `"duration"`, `"list"`; `"boolean"`, `"integer"` and `"number"` stand for `"bool"`, `"int64"` and `"double"`
---@field item? string of a list or map: its items' type
---@field enum? table the names, as in SubscriptionOptions

---How to open: the options of the first mount, and these.
---@class cmreload.OpenOptions : cmreload.MountOptions
---@field mounts? cmreload.MountOptions[] more mounts, each with its path
---@field background? boolean read and parse on a thread of the library's
---@field state_dir? string where the last good generation is saved
---@field boot? string what to start with when the first load fails: `"last_good"`, `"defaults"`, `"last_good_or_defaults"`
---@field log? function `function(level, message)` gets the library's messages, when the call that they come from is done; level is `"error"`, `"warn"`, `"info"`, `"debug"` or the like

---A mount.
---@class cmreload.MountOptions
---@field path? string where it is: in the list of mounts, and there only
---@field name? string for keys; the path's last component
---@field kind? string `"volume"`, `"directory"` or `"file"`
---@field formats? table[] which files have which format: `{{"*.conf", "properties"}, ...}`
---@field ignore? string[] globs of files to leave out
---@field check_interval? number seconds after which it is looked at even if no event came; negative: never
---@field settle? number seconds for which a plain directory must have been quiet
---@field keep_bad_files? boolean a bad file keeps its last good contents
---@field optional? boolean while it is not there it counts as an empty one
---@field secret? boolean its contents are not quoted; what Lua is given of them stays in Lua's memory
---@field leaky_formats? boolean if it is secret: read files of all formats
---@field limits? table file_size and generation_size (bytes), files, depth, entries

---One change.
---@class cmreload.Change
---@field kind string `"added"`, `"modified"` or `"removed"`
---@field mount string the mount's name
---@field key string without the mount
---@field type string the value's type: `"int64"`
---@field old any the value before; nil when it is added
---@field new any the value now; nil when it is removed

---How to subscribe.
---@class cmreload.SubscriptionOptions
---@field type? string what values are converted to: `"duration"`, `"list"`; a value that does not convert refuses the generation
---@field item? string of a list or map: its items' type
---@field enum? table `{"slow", "fast"}`, `{{"slow", 1}, {"fast", 2}}` or `{slow = 1, fast = 2}`: the names, and what Lua gets for them
---@field debounce? number seconds for which nothing that matches must have changed
---@field max_wait? number seconds after the first change at which the callback is called all the same; 10 times debounce
---@field initial? boolean call once at the start, with all that matches, as added
---@field lenient? boolean accept a generation with a value that does not convert

---What happens to the reloader.
---@class cmreload.Event
---@field kind string `"ready"`, `"applied"`, `"rejected"`, `"state"` or `"failed"`; of a reloader that processes share `"shared"`, too
---@field mount string which one
---@field generation integer the one that is applied now
---@field target string what the mount's ..data points at
---@field hash string ready, applied: the mount's content hash
---@field state string `"waiting"`, `"ready"`, `"polling"`, `"dead"` or `"static"`
---@field reason string failed: why; else why it is in that state: `"absent"`, `"subpath"`
---@field message string the reason for people
---@field booted_from string ready: `"mount"`, `"last_good"` or `"defaults"`
---@field diagnostics cmreload.Diagnostic[] what is wrong; an empty list if nothing is

---What is wrong with a generation, and where.
---@class cmreload.Diagnostic
---@field status string `"syntax"`, `"type"`, `"range"`, `"limit"`, `"not_found"`, `"rejected"`
---@field file string its name within the mount
---@field line integer 0: it does not apply
---@field column integer
---@field key string of a value that is not what is wanted, else `""`
---@field message string one line

---A validator.
---@class cmreload.ValidatorOptions
---@field name string for messages
---@field prepare function `function(candidate, veto)`: gets a Snapshot, and a function `veto(message, key)`, which may be called several times; the key is optional. What it calls veto for is refused, and so is what it returns false for (`return false, message`) or raises an error about. `return "again", message` asks for another try, a little later. Anything else agrees: nothing, nil, true
---@field commit? function `function(published)`: it is published now
---@field abort? function `function(candidate)`: what this validator has agreed to is not published after all

---Follows what is mounted, and tells what has changed. One of a program that embeds Lua has the same methods;
---its close() only ends what Lua has registered. When a reloader is closed, methods return nil, a message and
---`"closed"`.
---
---What a callback raises comes out of the dispatch(), wait() or load() in which it ran, when that is done, with
---a traceback behind it. Of several errors the first comes; up to 7 more wait for the next call. A callback
---cannot yield.
---@class cmreload.Reloader
local Reloader = {}

---What a subscriber is told. `update.changes` is a list of Change; the methods are for the time of the call.
---@class cmreload.Update
---@field changes cmreload.Change[]
local Update = {}

---One whole generation of each mount, which never changes. It stays readable when the reloader is closed.
---@class cmreload.Snapshot
local Snapshot = {}

---What subscribe, observe, on_error and validate return. It need not be kept: what was registered lives as long
---as the reloader.
---@class cmreload.Registration
local Registration = {}

---@class cmreload
---@field null lightuserdata null of YAML and JSON: a light userdata, which is the same as ngx.null and cjson.null.
---@field version string The version of the library: `"0.1.0"`.
local cmreload = {}

---Reads what is at path once, and follows nothing.
---@param path string
---@param options? cmreload.MountOptions all but its path
---@return cmreload.Snapshot? # or nil
---@return string? # why it is nil
---@return string? # the status: `"not_found"`, `"rejected"`, `"busy"`, `"system"`
---@return cmreload.Diagnostic[]? # of contents that were rejected
function cmreload.read(path, options) end

---Under nginx with cmreload's module: the worker's reloader. nginx dispatches it; callbacks run without a
---request.
---@return cmreload.Reloader? # or nil
---@return string? # why it is nil: nginx's module is not loaded, or follows nothing
---@return string? # the status
function cmreload.nginx() end

---Follows what is mounted at path, which need not be there yet. Nothing is loaded before the first load(),
---wait() or dispatch().
---@param path string `"/etc/config"`
---@param options? cmreload.OpenOptions
---@return cmreload.Reloader? # or nil
---@return string? # why it is nil
---@return string? # the status: `"system"`, `"no_memory"`
function cmreload.open(path, options) end

---Ends the reloader with all that was registered, also in a callback. Lua's collector does so when nothing
---refers to it; in Lua 5.4 a `<close>` variable, too. Snapshots stay valid.
function Reloader:close() end

---The descriptor for an event loop: when it is readable, call dispatch(). It is not yours to read or close.
---@return integer
function Reloader:fd() end

---Does all there is to do, and calls back. A generation that is bad is no error here: on_error tells.
---@return boolean? # true, also when there was nothing to do; or nil
---@return string? # why it is nil
---@return string? # the status: `"busy"` in a callback, `"closed"` when a callback closed it
function Reloader:dispatch() end

---Waits until there is something to do, and dispatches.
---@param timeout? number seconds; without it there is no limit
---@return boolean? # true: something was done, which need not be a change; or nil
---@return string? # why it is nil
---@return string? # the status: `"timeout"`, `"interrupted"` (a signal), `"busy"`, `"closed"`
function Reloader:wait(timeout) end

---Dispatches until the first generation is published. When it returns true, initial callbacks have run.
---@param timeout? number seconds; without it there is no limit
---@return boolean? # true, or nil
---@return string? # why it is nil
---@return string? # the status: `"not_found"`, `"rejected"`, `"system"`, `"timeout"`, `"again"`, `"interrupted"`
---@return cmreload.Diagnostic[]? # of a generation that was rejected
function Reloader:load(timeout) end

---Makes the next dispatch look at every mount, events or not.
---@return boolean # true
function Reloader:check_now() end

---Makes a wait() return, now or the next one.
---@return boolean # true
function Reloader:wake() end

---Freezes the configuration: nothing is loaded or told until release(). Calls nest.
---@return boolean # true
function Reloader:hold() end

---Ends a hold(); the newest generation is loaded by the next dispatch.
---@return boolean # true
function Reloader:release() end

---In a forked child: makes the reloader the child's own.
---@return boolean? # true, or nil
---@return string? # why it is nil
---@return string? # the status: `"busy"`, `"no_memory"`, `"system"`
function Reloader:after_fork() end

---The oldest of the errors that callbacks have raised and nobody has been told: where the program that embeds
---Lua dispatches, nginx for one, there is no caller for them to come out of. At most 8 are kept.
---@return any? # the error, a string with a traceback if it is a string; nil: there is none
function Reloader:take_error() end

---The current snapshot; before the first load an empty one.
---@return cmreload.Snapshot
function Reloader:snapshot() end

---Whether it is closed: by close(), or by the program that has lent it.
---@return boolean
function Reloader:is_closed() end

---How it goes: a table of generation, last_success (as os.time() counts; 0: never), reloads_applied,
---reloads_rejected, reloads_failed, read_retries, subscriptions, held, booted_from, saves, saves_failed, role
---(`"alone"`, or of a reloader that processes share `"publisher"` or `"consumer"`) and publisher (its process;
---0: none).
---@return table
function Reloader:status() end

---The like of a mount: a table of state, reason, message, mounted_target, applied_target, kind, kept_files,
---swappable and applied_from.
---@param mount? string its name; the first one, if it is absent
---@return table? # or nil: no such mount
---@return string? # why it is nil
---@return string? # the status
function Reloader:mount_status(mount) end

---What is wrong with what is mounted now, as on_error told of it.
---@param mount? string its name; the first one, if it is absent
---@return cmreload.Diagnostic[]? # an empty list if nothing is, or it is not known yet; nil: no such mount
---@return string? # why it is nil
---@return string? # the status
function Reloader:report(mount) end

---Everything that an operator asks, of one moment, as a JSON object on one line; docs/observability.md has its
---members.
---@return string
function Reloader:status_json() end

---The same as metrics, in Prometheus' text format. Raises for a prefix or labels that are malformed.
---@param prefix? string what the metrics' names begin with
---@param labels? string `'worker="1",zone="b"'`: put first in each sample's braces
---@return string
function Reloader:status_prometheus(prefix, labels) end

---The snapshot of before.
---@return cmreload.Snapshot
function Update:before() end

---The snapshot of now.
---@return cmreload.Snapshot
function Update:after() end

---Calls back when something that matches the patterns has another value than before. Comments, order, and
---another way to write the same value are no change. With a type, a generation with a value that does not
---convert is refused.
---@param patterns string|string[] `"app.yaml#server.** log_level"`, or a list of such
---@param callback function gets an Update
---@param options? cmreload.SubscriptionOptions
---@return cmreload.Registration? # it need not be kept; nil: what is loaded already does not fit
---@return string? # why it is nil
---@return string? # the status: `"type"`, `"range"`, `"closed"`
function Reloader:subscribe(patterns, callback, options) end

---Calls back for every event from the next one on; `"ready"` and `"applied"` before any subscriber.
---@param callback function gets an Event
---@return cmreload.Registration? # it need not be kept; nil: the reloader is closed
---@return string? # why it is nil
---@return string? # the status
function Reloader:observe(callback) end

---Calls back for events of the kinds `"rejected"` and `"failed"` only: a generation is bad, or cannot be read
---now.
---@param callback function gets an Event
---@return cmreload.Registration? # it need not be kept; nil: the reloader is closed
---@return string? # why it is nil
---@return string? # the status
function Reloader:on_error(callback) end

---Has each generation judged before it is published. It is asked when all files parse and all typed
---subscriptions convert. If all validators agree, each hears commit; else those that have agreed hear abort, and
---nothing has changed.
---@param options cmreload.ValidatorOptions
---@return cmreload.Registration? # it need not be kept; nil: the reloader is closed
---@return string? # why it is nil
---@return string? # the status
function Reloader:validate(options) end

---The value of a key, converted to a type. Without a type a value has its own: a string, number or boolean,
---`cmreload.null`, or a table for a list or map.
---@param key string `"app.yaml#server.port"`; `"tls:cert.pem"` in the mount tls
---@param as? string|cmreload.Shape a type's name (`"duration"`), or a table of type, item and enum
---@param default? any what an absent key is. A value that is there, but not of that type, is an error all the same
---@return any? # the value, or nil: it is absent, or not of that type
---@return string? # why it is nil: `app.yaml:3:3: app.yaml#server.port: wanted int64, found the string "80a"`
---@return string? # the status: `"not_found"`, `"type"`, `"range"`
function Snapshot:get(key, as, default) end

---A list or map as a table, with all that is in it; lists count from 1. Besides what get() makes a table of,
---this takes what is written in one text (`a, b` or `x=1, y=2` in a properties file) and whole files
---(`"app.yaml"`).
---@param key string
---@param item? string the type of its items
---@return table? # the table, or nil
---@return string? # why it is nil
---@return string? # the status
function Snapshot:table(key, item) end

---The own type of a value: `"string"`, `"int64"`, `"uint64"`, `"double"`, `"bool"`, `"null"`, `"bytes"`, `"map"`
---or
---`"list"`.
---@param key string
---@return string? # the type's name, or nil: the key is absent
---@return string? # why it is nil
---@return string? # the status
function Snapshot:type(key) end

---Iterates over what patterns match: files by name, entries in the order of the file. Of a list or map its items
---come, but of an empty one itself, as an empty table.
---
---    for key, value, mount, type in snapshot:pairs("app.yaml#server.**") do print(key, value) end
---@param patterns? string
---@return function # for a generic for, which yields a key (without its mount), the value, its mount, its type
function Snapshot:pairs(patterns) end

---Counts the reloader's publications: 1 for the first. 0: the empty snapshot before that, or one that comes from
---no reloader.
---@return integer
function Snapshot:generation() end

---When it was loaded, as os.time() counts.
---@return integer
function Snapshot:loaded_at() end

---The content hash of a mount: `xxh3-128:` and 32 digits; of a secret mount `""`.
---@param mount? string its name; the first one, if it is absent
---@return string? # the hash, or nil: no such mount
---@return string? # why it is nil
---@return string? # the status
function Snapshot:hash(mount) end

---What the volume's ..data pointed at; of a plain directory its content hash.
---@param mount? string
---@return string? # the target, or nil: no such mount
---@return string? # why it is nil
---@return string? # the status
function Snapshot:target(mount) end

---A hash over the keys that match, and their values: comments and other keys leave it as it is. Raises when keys
---of a secret mount match.
---@param patterns string
---@return string
function Snapshot:hash_keys(patterns) end

---Whether a mount is secret: its values are not to be shown.
---@param mount? string
---@return boolean
function Snapshot:is_secret(mount) end

---The names of a mount's files, sorted. Their bytes are what `get(name, "bytes")` returns.
---@param mount? string
---@return string[]? # the names, or nil: no such mount
---@return string? # why it is nil
---@return string? # the status
function Snapshot:files(mount) end

---Gives it back at once: an old generation of many megabytes, or a secret, which is wiped then. All that was
---read from it stays valid. In Lua 5.4 a `<close>` variable does so.
function Snapshot:close() end

---Ends it: its functions are not called any more, also when one of them calls this. In Lua 5.4 a `<close>`
---variable does so.
function Registration:close() end
return cmreload
