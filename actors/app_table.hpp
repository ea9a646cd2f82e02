// App ids and their names: the directory replaces the table as a whole, encoders read it.
#pragma once

#include "messages/items/app_names.hpp"
#include "runtime/snapshot.hpp"

namespace senseflow::actors {

using app_table = runtime::snapshot<messages::app_names>;

} // namespace senseflow::actors
