-- SPDX-License-Identifier: MIT
--
-- The scenarios' runner in Lua, for 5.4, 5.1 and LuaJIT; scenarios.txt explains the commands. It is of the same shape
-- as scenario_c.c.
local cmreload = require "cmreload"

local PATIENCE = 60 -- seconds: far more than any answer takes

local reloader, kept
local members = {}
local generations, updates -- told since the command began

---- printing

local function say(format, ...)
    io.write(string.format(format, ...), "\n")
end

local integers = {int64 = true, uint64 = true, size = true} -- one too large for a number is a string of digits

local function scalar(value, type)
    if value == cmreload.null then
        return "null"
    elseif value == nil then
        return "nil"
    elseif type == "list" then
        return "[" .. #value .. "]"
    elseif type == "map" then
        local count = 0
        for _ in pairs(value) do
            count = count + 1
        end
        return "{" .. count .. "}"
    elseif type == "string" or type == "bytes" then
        return '"' .. value:gsub('["\\]', "\\%0"):gsub("\n", "\\n") .. '"'
    elseif _G.type(value) == "number" and integers[type] then
        return string.format("%d", value)
    elseif _G.type(value) == "number" then
        return string.format("%.15g", value)
    end
    return tostring(value)
end

-- A list or map whole, if that is what is asked for.
local function text_of(value, type, as)
    local texts = {}
    if as.type == "list" then
        for i, item in ipairs(value) do
            texts[i] = scalar(item, as.item)
        end
        return "[" .. table.concat(texts, ", ") .. "]"
    elseif as.type == "map" then
        for name in pairs(value) do
            texts[#texts + 1] = name
        end
        table.sort(texts)
        for i, name in ipairs(texts) do
            texts[i] = name .. ": " .. scalar(value[name], as.item)
        end
        return "{" .. table.concat(texts, ", ") .. "}"
    end
    return scalar(value, type)
end

---- what is told

local function on_event(event)
    if event.kind == "state" then
        return
    end
    generations = generations + 1
    say("%s %d %s", event.kind, event.generation, event.mount)
    for _, diagnostic in ipairs(event.diagnostics) do
        say("  %s %s:%d:%d [%s] %s", diagnostic.status, diagnostic.file, diagnostic.line, diagnostic.column,
            diagnostic.key, diagnostic.message)
    end
end

local function close()
    if reloader then
        reloader:close()
    end
    reloader, members = nil, {}
end

local function on_update(name, member, update)
    local signs = {added = "+", modified = "~", removed = "-"}
    updates = updates + 1
    say("update %s %d %d", name, update:before():generation(), update:after():generation())
    for _, change in ipairs(update.changes) do
        local texts = {}
        if change.kind ~= "added" then
            texts[1] = text_of(change.old, change.type, member.as)
        end
        if change.kind ~= "removed" then
            texts[#texts + 1] = text_of(change.new, change.type, member.as)
        end
        say("  %s %s:%s %s", signs[change.kind], change.mount, change.key, table.concat(texts, " -> "))
    end
    if member.once then
        member.registration:close()
    end
    if member.closes then
        close()
    end
end

---- commands

-- Prints a status that is not ok.
local function report(result, _, status)
    if not result then
        say("%s", status)
    end
    return result
end

-- "initial,debounce=30" as a table
local function read_flags(text)
    local flags = {}
    for name, value in (text or ""):gmatch("([%w_]+)=?(%d*)") do
        flags[name] = tonumber(value) or true
    end
    return flags
end

-- TYPE, list/ITEM, map/ITEM, enum/NAME=NUMBER,...
local function read_type(word)
    local type, rest = word:match("^([^/]*)/?(.*)$")
    if type ~= "enum" then
        return {type = type, item = rest ~= "" and rest or nil}
    end
    local names = {}
    for name, number in rest:gmatch("([^=,]+)=(%d+)") do
        names[#names + 1] = {name, tonumber(number)}
    end
    return {type = type, enum = names}
end

local function mount_options(flags)
    return {keep_bad_files = flags.keep_bad_files, optional = flags.optional, secret = flags.secret}
end

-- Mounts are options of open: what comes before another command is collected.
local opening

local function opened()
    if opening then
        reloader = report(cmreload.open(opening.path, opening.options))
        reloader:observe(on_event)
        opening = nil
    end
end

local function get(snapshot, rest)
    local word, key = rest:match("^(%S+) (.*)$")
    local as = read_type(word)
    local ok, value, message, status = pcall(snapshot.get, snapshot, key, as)
    if not ok then
        say("invalid_argument %s", value:match("%((.*)%)$"))
    elseif value == nil then
        say("%s %s", status, message)
    else
        say("%s", text_of(value, as.type == "any" and snapshot:type(key) or as.type, as))
    end
end

local commands = {}

function commands.open(rest)
    local path, flags = rest:match("^(%S+) ?(.*)$")
    local options = mount_options(read_flags(flags))
    options.background = read_flags(flags).background
    options.mounts = {}
    opening = {path = path, options = options}
end

function commands.mount(rest)
    local path, flags = rest:match("^(%S+) ?(.*)$")
    local options = mount_options(read_flags(flags))
    options.path = path
    table.insert(opening.options.mounts, options)
end

function commands.subscribe(rest)
    local name, word, text, patterns = rest:match("^(%S+) (%S+) (%S+) (.*)$")
    local flags, as = read_flags(text), read_type(word)
    local member = {as = as, once = flags.once, closes = flags.close}
    member.registration = report(reloader:subscribe(patterns, function(update)
        on_update(name, member, update)
    end, {
        type = as.type, item = as.item, enum = as.enum, initial = flags.initial, lenient = flags.lenient,
        debounce = flags.debounce and flags.debounce / 1000,
    }))
    members[name] = member.registration and member
end

function commands.unsubscribe(rest)
    members[rest].registration:close()
    members[rest] = nil
end

function commands.validate(rest)
    local name, key, text = rest:match("^(%S+) (%S+) (.*)$")
    local registration = report(reloader:validate{
        name = name,
        prepare = function(candidate, veto)
            say("prepare %s", name)
            if candidate:get(key, "string") == text then
                veto("it is " .. text, key)
            end
        end,
        commit = function(published)
            say("commit %s %d", name, published:generation())
        end,
        abort = function()
            say("abort %s", name)
        end,
    })
    members[name] = {registration = registration}
end

commands.unvalidate = commands.unsubscribe

function commands.load()
    report(reloader:load(PATIENCE))
end

function commands.dispatch()
    report(reloader:dispatch())
end

function commands.wait(rest)
    local here, ok = reloader, true
    while ok and (rest == "update" and updates or generations) == 0 do
        ok = report(here:wait(PATIENCE))
    end
end

function commands.hold()
    reloader:hold()
end

function commands.release()
    reloader:release()
end

function commands.get(rest)
    get(reloader:snapshot(), rest)
end

function commands.keep()
    kept = reloader:snapshot()
end

function commands.kept(rest)
    get(kept, rest)
end

function commands.pairs(rest)
    for key, value, mount, type in reloader:snapshot():pairs(rest) do
        say("%s:%s %s", mount, key, scalar(value, type))
    end
end

function commands.status()
    local status = reloader:status()
    say("generation %d applied %d rejected %d subscriptions %d held %s", status.generation, status.reloads_applied,
        status.reloads_rejected, status.subscriptions, tostring(status.held))
end

commands.close = close

commands["end"] = function()
    close()
    kept = nil
    collectgarbage()
end

for line in io.lines() do
    local name, rest = line:match("^(%S+) ?(.*)$")
    generations, updates = 0, 0
    if name ~= "mount" then
        opened()
    end
    commands[name](rest)
    print(".")
    io.stdout:flush()
end
