-- SPDX-License-Identifier: MIT
--
-- What the Lua binding costs, as ratios of times in one run; lua.sh runs it and says what is what. Its arguments: the
-- tool, and the name of this Lua.
local cmreload = require "cmreload"

local tool, name = arg[1], arg[2]
os.execute("mkdir files && printf 'server:\\n  port: 8080\\n' >files/app.yaml && " .. tool
    .. " apply config --from-file=files >/dev/null")
local reloader = assert(cmreload.open("config"))
assert(reloader:load(60))
local snapshot = reloader:snapshot()
local sink

-- Seconds for one of many rounds, the least of several tries: the least is what the code takes.
local function time(rounds, f)
    local least = math.huge
    for _ = 1, 7 do
        collectgarbage()
        local start = os.clock()
        f(rounds)
        least = math.min(least, (os.clock() - start) / rounds)
    end
    return least
end

local config = {["app.yaml#server.port"] = 8080}
local lookup = time(2000000, function(rounds)
    local key = "app.yaml#server.port"
    for _ = 1, rounds do
        sink = config[key]
    end
end)
local read = time(200000, function(rounds)
    for _ = 1, rounds do
        sink = snapshot:get("app.yaml#server.port")
    end
end)
local typed = time(200000, function(rounds)
    for _ = 1, rounds do
        sink = snapshot:get("app.yaml#server.port", "int64", 80)
    end
end)
local current = time(100000, function(rounds)
    for _ = 1, rounds do
        local now = reloader:snapshot()
        sink = now:get("app.yaml#server.port")
        now:close()
    end
end)

local function plain(update)
    sink = update.changes[1].new
end

local call = time(2000000, function(rounds)
    local update = {changes = {{new = 8080}}}
    for _ = 1, rounds do
        plain(update)
    end
end)
-- Many that wait for their first call, in one dispatch.
local function time_callbacks(count)
    local registrations = {}
    for i = 1, count do
        registrations[i] = reloader:subscribe("app.yaml#server.port", plain, {initial = true})
    end
    collectgarbage()
    local start = os.clock()
    assert(reloader:dispatch())
    local seconds = os.clock() - start
    for _, registration in ipairs(registrations) do
        registration:close()
    end
    return seconds / count
end

local callback = math.huge
for _ = 1, 7 do
    callback = math.min(callback, time_callbacks(2000))
end

print(string.format("| %s | %.0f ns | %.1f | %.1f | %.1f | %.0f ns | %.0f |", name, lookup * 1e9, read / lookup,
    typed / lookup, current / lookup, call * 1e9, callback / call))
