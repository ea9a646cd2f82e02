#include "runtime/spool/retained_topics.hpp"

#include <string>

namespace senseflow::runtime {

std::vector<messages::retained_topic> retained_topics::read(database& db) {
  std::vector<messages::retained_topic> result;
  if (db.integer("SELECT count(*) FROM sqlite_master WHERE type='table' AND name='retained'") == 0)
    return result;
  auto rows = db.prepare("SELECT topic, class, source FROM retained");
  while (rows.next()) {
    const auto cls = static_cast<size_t>(rows.integer(1));
    if (cls >= messages::item_class_count) throw sqlite_error(11, "it holds a class that does not exist");
    result.push_back(
        {std::string{rows.text(0)}, static_cast<messages::item_class>(cls), std::string{rows.text(2)}});
  }
  return result;
}

void retained_topics::write(database& db, const std::vector<messages::retained_topic>& changes) {
  if (changes.empty()) return;
  if (!prepared_) {
    db.execute("CREATE TABLE IF NOT EXISTS retained("
               "topic TEXT PRIMARY KEY, class INTEGER NOT NULL, source TEXT NOT NULL) WITHOUT ROWID");
    insert_ = db.prepare("INSERT OR REPLACE INTO retained VALUES(?,?,?)");
    remove_ = db.prepare("DELETE FROM retained WHERE topic=?");
    prepared_ = true;
  }
  for (const auto& x : changes) {
    auto& change = x.is_there ? insert_ : remove_;
    change << std::string_view{x.topic};
    if (x.is_there) change << static_cast<int64_t>(x.cls) << std::string_view{x.source};
    change.run();
  }
}

} // namespace senseflow::runtime
