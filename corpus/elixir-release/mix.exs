defmodule App do end
