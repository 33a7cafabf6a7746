-- SPDX-License-Identifier: MIT
--
-- What goes wrong in callbacks: it comes out of the call that ran them, when the library is done, and nothing else is
-- disturbed.
local cmreload = require "cmreload"
local support = require "support"
local apply, equal, raises, fails = support.apply, support.equal, support.raises, support.fails

local function change(reloader, volume, text)
    apply(volume, {["a.properties"] = "n=" .. text .. "\n"})
    return reloader
end

-- Waits, and returns all that is raised until the generation is there and callbacks have been.
local function wait_errors(reloader, condition)
    local errors = {}
    support.wait(setmetatable({wait = function()
        local ok, message = pcall(reloader.wait, reloader, 1)
        if not ok then
            errors[#errors + 1] = message
        end
    end}, {__index = reloader}), condition)
    for _ = 1, 10 do
        local ok, message = pcall(reloader.dispatch, reloader)
        if not ok then
            errors[#errors + 1] = message
        end
    end
    return errors
end

local function failing_here(text)
    error(text)
end

support.tests{
    "an error comes out of wait, with a traceback, and others in turn", function()
        local reloader, volume = support.load{["a.properties"] = "n=1\n"}
        local told = 0
        local thrown = {}
        reloader:subscribe("**", function() failing_here("the first") end)
        reloader:observe(function(event) if event.kind == "applied" then error(thrown) end end)
        reloader:subscribe("**", function() told = told + 1 end)
        change(reloader, volume, "2")
        local errors = wait_errors(reloader, function() return told == 1 end)
        equal(#errors, 2)
        equal(errors[1], thrown) -- observers come first; what is no string stays what it is
        assert(errors[2]:find("errors.lua:%d+: the first\nstack traceback:"), errors[2])
        assert(errors[2]:find("failing_here", 1, true), errors[2])
        equal(reloader:snapshot():get("a.properties#n"), "2")
        change(reloader, volume, "3")
        equal(#wait_errors(reloader, function() return told == 2 end), 2)
    end,

    "an error comes out of load and dispatch", function()
        local volume = support.volume{["a.properties"] = "n=1\n"}
        local reloader = cmreload.open(volume)
        reloader:subscribe("**", function() error("at first") end, {initial = true})
        raises("at first", reloader.load, reloader, 60)
        equal(reloader:load(60), true)
        reloader:subscribe("**", function() error("later") end, {initial = true})
        raises("later", reloader.dispatch, reloader)
        equal(reloader:dispatch(), true)
    end,

    "no more than some are kept", function()
        local reloader = support.load{["a.properties"] = "n=1\n"}
        for i = 1, 20 do
            reloader:subscribe("**", function() error("number " .. i .. ".") end, {initial = true})
        end
        for i = 1, 8 do
            raises("number " .. i .. ".", reloader.dispatch, reloader)
        end
        equal(reloader:dispatch(), true)
    end,

    "an error that is nil is one", function()
        local reloader = support.load{["a.properties"] = "n=1\n"}
        reloader:subscribe("**", function() error() end, {initial = true})
        raises("an error that is nil", reloader.dispatch, reloader)
        equal(reloader:dispatch(), true)
    end,

    "a callback cannot yield", function()
        local reloader = support.load{["a.properties"] = "n=1\n"}
        local after = 0
        reloader:subscribe("**", function() coroutine.yield() end, {initial = true})
        reloader:subscribe("**", function() after = after + 1 end, {initial = true})
        raises("attempt to yield", reloader.dispatch, reloader)
        equal(after, 1)
        reloader:subscribe("**", function() coroutine.yield() end, {initial = true})
        local thread = coroutine.create(function() return reloader:dispatch() end)
        local ok, message = coroutine.resume(thread)
        equal(ok, false)
        assert(message:find("attempt to yield", 1, true), message)
        equal(coroutine.status(thread), "dead")
        equal(reloader:dispatch(), true)
    end,

    "errors in commit and abort come out, and in the log function", function()
        local volume = support.volume{["a.properties"] = "n=1\n"}
        local reloader = cmreload.open(volume, {log = function(level) error("log " .. level) end})
        reloader:validate{name = "v", prepare = function() end, commit = function() error("in commit") end,
            abort = function() error("in abort") end}
        reloader:validate{name = "w", prepare = function(candidate)
            return candidate:get("a.properties#n") ~= "2"
        end}
        raises("in commit", reloader.load, reloader, 60)
        raises("log info", reloader.dispatch, reloader)
        equal(reloader:load(60), true)
        change(reloader, volume, "2")
        local errors = wait_errors(reloader, function() return reloader:status().reloads_rejected == 1 end)
        assert(errors[1]:find("in abort", 1, true), errors[1])
        assert(errors[2]:find("log error", 1, true), errors[2])
        equal(reloader:snapshot():get("a.properties#n"), "1")
    end,

    "a callback cannot dispatch, and may read, subscribe and end", function()
        local reloader, volume = support.load{["a.properties"] = "n=1\n"}
        local inner, done
        local outer
        outer = reloader:subscribe("**", function()
            fails("busy", "", reloader:dispatch())
            fails("busy", "", reloader:wait(0))
            fails("busy", "", reloader:load(0))
            equal(reloader:snapshot():get("a.properties#n"), "2")
            inner = reloader:subscribe("**", function() error("not yet") end)
            inner:close()
            outer:close()
            outer:close()
            done = true
        end)
        change(reloader, volume, "2")
        support.wait(reloader, function() return done end)
        equal(reloader:status().subscriptions, 0)
    end,

    "callbacks run on the coroutine that dispatches", function()
        local reloader, volume = support.load{["a.properties"] = "n=1\n"}
        local ran
        reloader:subscribe("**", function() ran = coroutine.running() end)
        change(reloader, volume, "2")
        local thread = coroutine.create(function()
            support.wait(reloader, function() return ran end)
        end)
        assert(coroutine.resume(thread))
        equal(ran, thread)
    end,

    "a callback that resumes another coroutine, which dispatches", function()
        local reloader, volume = support.load{["a.properties"] = "n=1\n"}
        local ran, result
        reloader:subscribe("**", function()
            local thread = coroutine.wrap(function()
                result = select(3, reloader:dispatch())
                coroutine.yield()
            end)
            thread()
        end)
        reloader:subscribe("**", function() ran = true end)
        change(reloader, volume, "2")
        support.wait(reloader, function() return ran end)
        equal(result, "busy")
    end,

    "a recursion without end is an error like any other", function()
        if os.getenv("CMRELOAD_TEST_SHORT") then
            return
        end
        local reloader = support.load{["a.properties"] = "n=1\n"}
        local function deeper(n) return 1 + deeper(n + 1) end
        reloader:subscribe("**", function() deeper(1) end, {initial = true})
        local message = raises("", reloader.dispatch, reloader)
        -- The second: no room was left for the traceback, says LuaJIT.
        assert(message:find("stack overflow", 1, true) or message:find("error in error handling", 1, true), message)
        equal(reloader:dispatch(), true)
    end,
}
