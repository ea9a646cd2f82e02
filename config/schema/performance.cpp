#include "config/schema/describe.hpp"

namespace senseflow::config::schema {

namespace {

void describe_apps(visitor& v, const entry& e, std::vector<app_ref>& xs) {
  v.list(e, xs, [&](app_ref& x) {
    v.text({"appId", "App id; null or absent = any."}, x.app_id);
    v.text({"appName", "App name; null or absent = any, '' = not known. Needs appNameLookup."}, x.app_name);
  });
}

struct name_keys {
  std::string_view section, all, exclude, include, help;
  std::string_view item_key = {};
};

void describe_names(visitor& v, const name_keys& keys, name_filter& s) {
  v.section({keys.section, keys.help}, [&] {
    v.flag({keys.all, "All but the excluded ones; else only the included ones."}, s.all);
    v.texts({keys.exclude, "Excluded when all are taken."}, s.exclude, format::free, keys.item_key);
    v.texts({keys.include, "Included when not all are taken."}, s.include, format::free, keys.item_key);
  });
}

constexpr name_keys object_types{"objectType", "allObjectTypes", "allObjectTypesExclude",
                                 "someObjectTypesInclude", "By the type of object, such as linechart."};
constexpr name_keys methods{"method", "allMethods", "allMethodsExclude", "someMethodsInclude",
                            "By the engine's method, such as GenericObject::GetLayout."};
constexpr name_keys objects{"appObject",
                            "allAppObjects",
                            "allAppObjectsExclude",
                            "someAppObjectsInclude",
                            "By object id; an item is an id, or objectId with an id.",
                            "objectId"};

} // namespace

void describe(visitor& v, performance_settings& s) {
  v.not_served({"trackRejectedEvents"});
  v.flag({"enable", "Publish performance events that a filter accepts."}, s.enable);
  v.active(s.enable);
  v.section({"appNameLookup", "Names of apps, from appNames."}, [&] {
    v.flag({"enable", "Look up the names."}, s.app_name_lookup);
  });
  v.section({"monitorFilter", "An event passes when one of the filters accepts it."}, [&] {
    v.section({"allApps", "The same filter for all apps."}, [&] {
      v.flag({"enable", "Use it."}, s.all_apps.enable);
      v.active(s.all_apps.enable);
      describe_apps(v, {"appExclude", "Apps it does not accept."}, s.all_apps.app_exclude);
      describe_names(v, object_types, s.all_apps.object_type);
      describe_names(v, methods, s.all_apps.method);
    });
    v.section({"appSpecific", "Filters of their own for some apps."}, [&] {
      v.flag({"enable", "Use them."}, s.app_specific.enable);
      v.active(s.app_specific.enable);
      v.list({"app", "The filters."}, s.app_specific.apps, [&](app_filter& x) {
        describe_apps(v, {"include", "Apps it is for."}, x.include);
        describe_names(v, object_types, x.object_type);
        describe_names(v, objects, x.object);
        describe_names(v, methods, x.method);
      });
    });
  });
}

} // namespace senseflow::config::schema
