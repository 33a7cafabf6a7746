-- SPDX-License-Identifier: MIT
--
-- A user's script for the daemon of lua-host.c, which lends it `config` and `log(level, text)`.

-- The daemon asks this for each answer.
local greeting = "hello"

function answer(name)
    return greeting .. ", " .. name
end

config:subscribe("app.yaml#greeting", function(update)
    greeting = update.changes[1].new or "hello"
    log("info", "the greeting is now: " .. greeting)
    if greeting == "oops" then
        error("I do not greet like that") -- is logged, and the daemon goes on
    end
end, {type = "string", initial = true})

-- A generation with a greeting that is too long is refused as a whole.
config:validate{
    name = "lua-host.lua",
    prepare = function(candidate, veto)
        if #candidate:get("app.yaml#greeting", "string", "") > 20 then
            veto("a greeting has at most 20 bytes", "app.yaml#greeting")
        end
    end,
}

config:on_error(function(event)
    for _, bad in ipairs(event.diagnostics) do
        log("error", ("%s:%d: %s"):format(bad.file, bad.line, bad.message))
    end
end)
