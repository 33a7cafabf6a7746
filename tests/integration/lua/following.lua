-- SPDX-License-Identifier: MIT
--
-- Following from Lua: subscriptions, observers, validators, and what a reloader is told and asked.
local cmreload = require "cmreload"
local support = require "support"
local apply, equal, raises, fails = support.apply, support.equal, support.raises, support.fails

-- A function that keeps what it is called with, and what it has kept as texts.
local function recorder()
    local heard = {}
    return function(update)
        for _, change in ipairs(update.changes) do
            heard[#heard + 1] = string.format("%s %s:%s %s %s %s", change.kind, change.mount, change.key, change.type,
                tostring(change.old), tostring(change.new))
        end
    end, heard
end

support.tests{
    "changes are told with old and new values", function()
        local reloader, volume = support.load{["a.yaml"] = "n: 1\ns: x\ngone: true\n"}
        local callback, heard = recorder()
        local seen
        reloader:subscribe("**", callback)
        reloader:subscribe({"a.yaml#n", "a.yaml#s"}, function(update)
            seen = update
            equal(update:before():get("a.yaml#n"), 1)
            equal(update:after():get("a.yaml#n"), 2)
            equal(update:after():generation(), 2)
            equal(#update.changes, 1)
            equal(update.nothing, nil)
        end)
        apply(volume, {["a.yaml"] = "n: 2\ns: x\nnew: [1]\n"})
        support.wait(reloader, function() return seen end)
        equal(table.concat(heard, "; "), "modified " .. volume .. ":a.yaml#n int64 1 2; added " .. volume
            .. ":a.yaml#new[0] int64 nil 1; removed " .. volume .. ":a.yaml#gone bool true nil")
        raises("the update's callback is over", seen.before, seen)
        equal(seen.changes[1].new, 2)
    end,

    "types, items and enums of subscriptions", function()
        local reloader, volume = support.load{["a.properties"] = "t=10s\nports=80, 443\nlimits=cpu=1s\nmode=slow\n"}
        local heard = {}
        local function keep(update)
            heard[#heard + 1] = update.changes[1]
        end
        reloader:subscribe("a.properties#t", keep, {type = "duration"})
        reloader:subscribe("a.properties#ports", keep, {type = "list", item = "int64", initial = true})
        reloader:subscribe("a.properties#limits", keep, {type = "map", item = "duration"})
        reloader:subscribe("a.properties#mode", keep, {enum = {slow = 1, lazy = 1, fast = keep}})
        collectgarbage()
        assert(reloader:dispatch())
        equal(#heard, 1)
        equal(heard[1].kind, "added")
        equal(heard[1].new[2], 443)
        apply(volume, {["a.properties"] = "t=10000ms\nports=80\nlimits=cpu=1000ms\nmode=lazy\n"})
        support.wait(reloader, function() return heard[2] end)
        equal(#heard, 2)
        equal(#heard[2].old, 2)
        equal(#heard[2].new, 1)
        apply(volume, {["a.properties"] = "t=11s\nports=80\nlimits=cpu=1s, io=2s\nmode=fast\n"})
        support.wait(reloader, function() return heard[5] end)
        equal(heard[3].old, 10)
        equal(heard[3].new, 11)
        equal(heard[4].new.io, 2)
        equal(heard[4].old.io, nil)
        equal(heard[5].old, 1)
        equal(heard[5].new, keep)
    end,

    "what is loaded already may not fit", function()
        local reloader = support.load{["a.properties"] = "n=many\n"}
        fails("type", "", reloader:subscribe("a.properties#n", print, {type = "int64"}))
        equal(reloader:status().subscriptions, 0)
        raises("malformed patterns", reloader.subscribe, reloader, "a.properties#[", print)
        raises("malformed patterns", reloader.subscribe, reloader, "*#*", print, {type = "list"})
        raises("function expected", reloader.subscribe, reloader, "**")
        raises("its patterns must be strings", reloader.subscribe, reloader, {1}, print)
        raises("unknown option 'debounec'", reloader.subscribe, reloader, "**", print, {debounec = 1})
    end,

    "debounce, max_wait and lenient", function()
        local reloader, volume = support.load{["a.properties"] = "n=1\n"}
        local callback, heard = recorder()
        reloader:subscribe("a.properties#n", callback,
            {type = "int64", debounce = 0.01, max_wait = 0.02, lenient = true})
        apply(volume, {["a.properties"] = "n=many\n"})
        support.wait(reloader, function() return reloader:status().reloads_applied == 2 end)
        apply(volume, {["a.properties"] = "n=2\n"})
        support.wait(reloader, function() return heard[1] end)
        equal(table.concat(heard), "modified " .. volume .. ":a.properties#n int64 1 2")
    end,

    "observers and on_error", function()
        local reloader, volume = support.load{["a.json"] = '{"n": 1}'}
        local events, errors = {}, {}
        local observer = reloader:observe(function(event) events[#events + 1] = event end)
        reloader:on_error(function(event) errors[#errors + 1] = event end)
        apply(volume, {["a.json"] = '{"n": }'})
        support.wait(reloader, function() return errors[1] end)
        equal(errors[1].kind, "rejected")
        equal(errors[1].generation, 1)
        equal(errors[1].mount, volume)
        equal(errors[1].state, "ready")
        equal(errors[1].reason, "none")
        equal(errors[1].diagnostics[1].file, "a.json")
        equal(errors[1].diagnostics[1].column, 7)
        equal(errors[1].diagnostics[1].status, "syntax")
        assert(errors[1].diagnostics[1].message:find('found "}"', 1, true))
        equal(reloader:report()[1].message, errors[1].diagnostics[1].message)
        apply(volume, {["a.json"] = '{"n": 2}'})
        support.wait(reloader, function() return events[2] end)
        equal(events[1].kind, "rejected")
        equal(events[2].kind, "applied")
        equal(events[2].hash, reloader:snapshot():hash())
        equal(#events[2].diagnostics, 0)
        equal(#errors, 1)
        observer:close()
        apply(volume, {["a.json"] = '{"n": '})
        support.wait(reloader, function() return errors[2] end)
        equal(#events, 2)
    end,

    "validators agree, refuse, and ask for time", function()
        local reloader, volume = support.load{["a.properties"] = "n=0\n"}
        local heard, reports, again = {}, {}, 0
        local function note(text)
            return function(snapshot)
                heard[#heard + 1] = text .. snapshot:get("a.properties#n") .. "/" .. snapshot:generation()
            end
        end
        reloader:validate{name = "first", prepare = note "?", commit = note "+", abort = note "-"}
        local answers = {
            ["1"] = function() return nil end,
            ["2"] = function(veto) veto("it is two", "a.properties#n") veto("and even") end,
            ["3"] = function() return false, "it is three" end,
            ["4"] = function() error("it is four", 0) end,
            ["5"] = function() error({}) end,
            ["6"] = function() return 6 end,
            ["7"] = function()
                again = again + 1
                if again < 3 then
                    return "again", "not yet"
                end
            end,
            ["8"] = function() coroutine.yield() end,
            ["9"] = function() return false end,
        }
        local kept
        local second = reloader:validate{name = "second", prepare = function(candidate, veto)
            kept = veto
            return answers[candidate:get("a.properties#n")](veto)
        end}
        reloader:on_error(function(event)
            reports[#reports + 1] = event.kind .. ":" .. event.message
            for _, diagnostic in ipairs(event.diagnostics) do
                reports[#reports + 1] = diagnostic.message .. " " .. diagnostic.key
            end
        end)
        for i = 1, 9 do
            local before = reloader:status()
            apply(volume, {["a.properties"] = "n=" .. i .. "\n"})
            support.wait(reloader, function()
                local now = reloader:status()
                return now.reloads_applied > before.reloads_applied or now.reloads_rejected > before.reloads_rejected
            end)
        end
        equal(table.concat(heard, " "), "?1/2 +1/2 ?2/3 -2/3 ?3/3 -3/3 ?4/3 -4/3 ?5/3 -5/3 ?6/3 -6/3 ?7/3 -7/3 ?7/3 -7/3 "
            .. "?7/3 +7/3 ?8/4 -8/4 ?9/4 -9/4")
        local told = table.concat(reports, "; ")
        for _, text in ipairs{"second: it is two a.properties#n", "second: and even ", "second: it is three ",
            "second: it is four ", "second: (a table value) ", "second: prepare returned neither", "not yet",
            "attempt to yield"} do
            assert(told:find(text, 1, true), text .. " is not in " .. told)
        end
        raises("prepare is over", kept, "too late")
        second:close()
        apply(volume, {["a.properties"] = "n=3\n"})
        support.wait(reloader, function() return reloader:status().reloads_applied == 4 end)
        raises("option 'name' is missing", reloader.validate, reloader, {prepare = print})
        raises("option 'prepare' is missing", reloader.validate, reloader, {name = "x"})
        raises("option 'commit': function expected", reloader.validate, reloader,
            {name = "x", prepare = print, commit = 1})
        raises("unknown option 'comit'", reloader.validate, reloader, {name = "x", prepare = print, comit = print})
    end,

    "hold, release, check_now, wake, and how it goes", function()
        local reloader, volume = support.load({["n"] = "1"}, {check_interval = -1})
        local status = reloader:status()
        equal(status.generation, 1)
        equal(status.reloads_applied, 1)
        equal(status.held, false)
        equal(status.booted_from, "mount")
        equal(reloader:mount_status().state, "ready")
        equal(reloader:mount_status(volume).kind, "volume")
        fails("not_found", "no such mount", reloader:mount_status("x"))
        equal(status.role, "alone")
        equal(#reloader:report(), 0)
        fails("not_found", "no such mount", reloader:report("x"))
        assert(reloader:status_json():find('"generation":1', 1, true), reloader:status_json())
        assert(reloader:status_prometheus("app", 'zone="b"'):find('\napp_config_%w+{zone="b"'))
        raises("malformed", reloader.status_prometheus, reloader, "a b")
        equal(reloader:hold(), true)
        equal(reloader:status().held, true)
        apply(volume, {["n"] = "2"})
        equal(reloader:dispatch(), true)
        equal(reloader:snapshot():get("n"), "1")
        reloader:release()
        equal(reloader:check_now(), true)
        assert(reloader:wait())
        equal(reloader:snapshot():get("n"), "2")
        while reloader:wait(0) do end
        fails("timeout", "", reloader:wait(0.001))
        equal(reloader:wake(), true)
        equal(reloader:wait(60), true)
        assert(reloader:fd() >= 0)
        equal(reloader:after_fork(), true)
        equal(tostring(reloader), "cmreload.reloader")
        raises("number expected", reloader.wait, reloader, {})
    end,

    "the first load may fail, and says why", function()
        local volume = support.volume{["a.json"] = "{", ["b.json"] = "["}
        local reloader = cmreload.open(volume)
        local value, message, status, diagnostics = reloader:load(60)
        fails("rejected", "a.json:1:2: wanted a key", value, message, status)
        equal(#diagnostics, 2)
        equal(diagnostics[2].file, "b.json")
        fails("not_found", "", cmreload.open("nowhere"):load(0.01))
        reloader = cmreload.open(volume, {boot = "defaults"})
        equal(reloader:load(60), true)
        equal(reloader:status().booted_from, "defaults")
    end,

    "several mounts, secret and optional ones, limits and formats", function()
        local pin = support.volume{["pin"] = "1234"}
        local config = support.volume{["a.conf"] = "n=1\n"}
        local lines = {}
        local reloader = cmreload.open(config, {
            name = "main", formats = {{"*.conf", "properties"}}, background = true, state_dir = "state",
            limits = {file_size = 4096, depth = 3},
            mounts = {{path = pin, name = "pin", secret = true, kind = "volume"}, {path = "absent", optional = true}},
            log = function(level, message) lines[#lines + 1] = level .. ": " .. message end,
        })
        assert(reloader:load(60))
        local snapshot = reloader:snapshot()
        equal(snapshot:get("a.conf#n"), "1")
        equal(snapshot:get("main:a.conf#n", "int64"), 1)
        equal(snapshot:get("pin:pin", "int64"), 1234)
        fails("type", "a secret, and not shown", snapshot:get("pin:pin", "bool"))
        equal(snapshot:is_secret("pin"), true)
        equal(snapshot:hash("pin"), "")
        apply(pin, {["pin"] = "5678"})
        support.wait(reloader, function() return reloader:snapshot():get("pin:pin") == "5678" end)
        assert(table.concat(lines, "\n"):find("info: ", 1, true))
        local count = #lines
        reloader:subscribe("a.conf#m", print) -- much like a.conf#n, which is there
        assert(reloader:close() == nil and count > 0)
    end,

    "a closed reloader answers, and is no more", function()
        local reloader = support.load{["n"] = "1"}
        local snapshot = reloader:snapshot()
        local registration = reloader:subscribe("**", print)
        equal(reloader:is_closed(), false)
        reloader:close()
        reloader:close()
        equal(reloader:is_closed(), true)
        for _, name in ipairs{"dispatch", "wait", "load", "fd", "snapshot", "status", "mount_status", "hold", "release",
            "check_now", "wake", "after_fork", "report", "status_json", "status_prometheus"} do
            fails("closed", "", reloader[name](reloader))
        end
        fails("closed", "", reloader:subscribe("**", print))
        fails("closed", "", reloader:observe(print))
        fails("closed", "", reloader:on_error(print))
        fails("closed", "", reloader:validate{name = "x", prepare = print})
        registration:close()
        equal(snapshot:get("n"), "1")
        equal(tostring(reloader), "cmreload.reloader (closed)")
    end,
}
