defmodule App.Main do end
